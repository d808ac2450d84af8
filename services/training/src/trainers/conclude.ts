import type { EvaluationReport, ModelSignature } from '@bascule/contracts';
import type { ObjectStore } from '@bascule/storage';
import { buildProfile } from '../evaluation/build-profile.js';
import { buildReport } from '../evaluation/build-report.js';
import { DatasetStore } from '../evaluation/dataset.store.js';
import { type Champion, type Comparison, evaluateChampion } from '../evaluation/evaluate-champion.js';
import { importanceOf } from '../evaluation/importance.js';
import { evaluateScores, metricsOf } from '../evaluation/performance.js';
import type { Direction, Job, JobResult } from './job.schema.js';
import type { OpenData } from './open-data.js';
import { releaseMemory } from './release-memory.js';
import type { Report } from './report.js';
import { labelsOf } from './rows.js';
import { describeSplit, type Split } from './split.js';
import type { Steps } from './steps.js';
import { targetOf } from './target.js';
import { limitsOf, profileWithLimits, withLimits } from './with-limits.js';

/** What a trainer made, and what it gives on the hold-out. */
export interface Made {
  readonly artifact: Uint8Array;
  readonly signature: ModelSignature;
  readonly scores: Float64Array;
  /** Numbers of the trainer's own. */
  readonly metrics?: Readonly<Record<string, number>>;
  /** Which way they are better, where the trainer says so. */
  readonly better?: Readonly<Record<string, Direction>>;
  /** From the folds of a cross-validation. */
  readonly folds?: EvaluationReport['folds'];
}

/** What stays of a fit: the artifact lies in the object store. */
export interface Kept {
  readonly artifactDigest: string;
  readonly artifactSizeBytes: number;
  readonly signature: ModelSignature;
  /** Numbers of the trainer's own. */
  readonly metrics: Readonly<Record<string, number>>;
  readonly folds?: EvaluationReport['folds'];
}

/** All that the steps of one run share. */
export interface RunContext {
  readonly job: Job;
  readonly objects: ObjectStore;
  readonly data: OpenData;
  readonly champion: () => Promise<Champion | undefined>;
  readonly report: Report;
  readonly steps: Steps;
}

/**
 * Judges what was made on the hold-out, beside the champion, and stores the reference profile.
 * @param scored what the artifact gives on the rows of the hold-out; asked for when a step needs it
 */
export async function conclude(context: RunContext, kept: Kept, scored: () => Promise<Float64Array>): Promise<JobResult> {
  const { job, objects, data, report, steps } = context;
  report.progress('evaluate', 80);
  const rests = { ...data.inputs, artifactDigest: kept.artifactDigest };
  const performance = await steps.run('evaluate', rests, async () => {
    const { holdout } = await data.judged();
    return evaluateScores(await scored(), labelsOf(holdout), targetOf(job.label));
  });
  const comparison = await compare(context, rests, scored);
  const { reportDigest } = await describe(context, kept, rests, scored, comparison);
  report.progress('store', 95);
  const limits = limitsOf((await new DatasetStore(objects).getManifest(job.datasetVersion)).columns);
  const { profileDigest } = await steps.run(
    'profile',
    rests,
    async () => {
      const { training, holdout, evaluationName } = await data.judged();
      const built = buildProfile({
        training,
        holdout,
        trainedOn: { datasetName: data.datasetName, datasetVersion: job.datasetVersion },
        evaluatedOn: { datasetName: evaluationName, datasetVersion: job.evaluationDatasetVersion },
        features: job.features,
        scores: await scored(),
        performance,
        target: targetOf(job.label),
      });
      const profile = profileWithLimits(built, limits);
      return { profileDigest: (await objects.put(Buffer.from(JSON.stringify(profile)))).digest };
    },
    (output) => objects.has(output.profileDigest),
  );
  const own = Object.entries(kept.metrics).map(([name, value]) => [`trainer.${name}`, value] as const);
  return {
    outcome: 'succeeded',
    artifactDigest: kept.artifactDigest,
    artifactSizeBytes: kept.artifactSizeBytes,
    profileDigest,
    reportDigest,
    signature: withLimits(kept.signature, limits),
    metrics: { ...metricsOf(performance), ...Object.fromEntries(own) },
    ...(comparison && 'metrics' in comparison ? { championMetrics: comparison.metrics, comparison: comparison.paired } : {}),
    trainedOn: data.trainedOn,
    evaluatedOn: data.evaluatedOn,
    contract: data.contract,
    notes: [...data.notes, ...(comparison && 'note' in comparison ? [comparison.note] : [])],
  };
}

/** How a trial did on the rows it was judged on. */
export function judgeTrial(
  { label }: Job,
  { holdout }: Split,
  { scores, metrics = {}, better = {} }: Pick<Made, 'scores' | 'metrics' | 'better'>,
): JobResult {
  const named = <Of>(of: Readonly<Record<string, Of>>) =>
    Object.fromEntries(Object.entries(of).map(([name, value]) => [`trainer.${name}`, value]));
  const judged = metricsOf(evaluateScores(scores, labelsOf(holdout), targetOf(label)));
  return { outcome: 'trial', metrics: { ...judged, ...named(metrics) }, better: named(better) };
}

async function compare(
  { job, data, champion, steps }: RunContext,
  rests: object,
  scored: () => Promise<Float64Array>,
): Promise<Comparison | undefined> {
  if (!job.champion) return undefined;
  return steps.run<Comparison>('compare', { ...rests, champion: job.champion }, async () => {
    const { features, holdout } = await data.judged();
    const positive = job.label.positive.map(String);
    return evaluateChampion((await champion())!, features, holdout, await scored(), targetOf(job.label), positive);
  });
}

/** Writes down all that can be said of how the model did. */
async function describe(
  { job, objects, data, steps }: RunContext,
  kept: Kept,
  rests: object,
  scored: () => Promise<Float64Array>,
  comparison: Comparison | undefined,
): Promise<{ reportDigest: string }> {
  const { modelName, trainer, evaluation, datasetVersion, label, features } = job;
  return steps.run(
    'report',
    { ...rests, modelName, trainer, evaluation, comparison },
    async () => {
      const judged = await data.judged();
      const { holdout } = judged;
      const target = targetOf(label);
      const artifact = await objects.get(kept.artifactDigest);
      releaseMemory(holdout.length);
      const report = buildReport({
        modelName,
        trainer,
        datasetVersion,
        split: describeSplit(judged.rule),
        target,
        features: judged.features,
        rows: holdout,
        scores: await scored(),
        rule: evaluation,
        leakChecks: data.leakChecks,
        folds: kept.folds ?? [],
        importance: await importanceOf(artifact, judged.features.slice(0, features.length), holdout, target),
        comparison: comparison && 'paired' in comparison ? comparison.paired : undefined,
      });
      return { reportDigest: (await objects.put(Buffer.from(JSON.stringify(report)))).digest };
    },
    (output) => objects.has(output.reportDigest),
  );
}

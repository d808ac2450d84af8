import type { ObjectStore } from '@bascule/storage';
import { buildProfile } from '../evaluation/build-profile.js';
import { DatasetStore } from '../evaluation/dataset.store.js';
import { type Champion, evaluateChampion } from '../evaluation/evaluate-champion.js';
import { inputsOf, scoreWithArtifact } from '../evaluation/onnx.runtime.js';
import { evaluateScores, metricsOf } from '../evaluation/performance.js';
import { missingColumns } from '../evaluation/read-dataset.js';
import { buildOnnx, signatureOf } from './build-onnx.js';
import type { Job, JobResult } from './job.schema.js';
import { fitLogisticRegression, scoreRows } from './logistic-regression.js';
import type { Feature, Row } from './row.js';
import { type Split, splitByTime } from './split.js';

/** Probabilities of the artifact and of the fitted model may differ by float rounding only. */
const tolerance = 1e-4;

const periodOf = (rows: readonly Row[]) => ({
  from: new Date(rows[0]!.occurredAt).toISOString(),
  to: new Date(rows.at(-1)!.occurredAt).toISOString(),
  rowCount: rows.length,
});

interface Slice {
  readonly datasetName: string;
  /** The pipeline's features first, then those that only the champion knows. */
  readonly features: readonly Feature[];
  readonly split: Split;
}

async function readSlice(job: Job, objects: ObjectStore, champion: Champion | undefined): Promise<Slice | { reasons: readonly string[] }> {
  const datasets = new DatasetStore(objects);
  const manifest = await datasets.getManifest(job.datasetVersion);
  const isOwn = job.evaluationDatasetVersion === job.datasetVersion;
  const evaluation = isOwn ? manifest : await datasets.getManifest(job.evaluationDatasetVersion);
  const faults = [...new Set([manifest, evaluation].flatMap((read) => missingColumns(read, job.features, job.label)))];
  if (faults.length > 0) return { reasons: faults };
  const known = new Set(job.features.map(({ name }) => name));
  const extra = (champion?.inputs ?? []).filter(
    (input) =>
      !known.has(input.name) &&
      missingColumns(manifest, [input], job.label).length + missingColumns(evaluation, [input], job.label).length === 0,
  );
  const features = [...job.features, ...extra];
  const rows = await datasets.readRows(manifest, features, job.label);
  const judged = isOwn ? rows : await datasets.readRows(evaluation, features, job.label);
  const excluded = job.excludedWindows.map(({ from, to }) => ({ from: Date.parse(from), to: Date.parse(to) }));
  const split = splitByTime(rows, job.split, excluded, judged);
  return split.outcome === 'refuse' ? split : { datasetName: manifest.datasetName, features, split };
}

async function readChampion(job: Job, objects: ObjectStore): Promise<Champion | undefined> {
  if (!job.champion) return undefined;
  const artifact = await objects.get(job.champion.artifactDigest);
  return { version: job.champion.version, artifact, inputs: await inputsOf(artifact) };
}

/** Fits on the training part and writes the artifact; scores the hold-out with the very bytes that will be served. */
async function fit(job: Job, { training, holdout }: Split) {
  const model = fitLogisticRegression(job.features, training, job.params);
  const artifact = buildOnnx(model, { modelName: job.modelName, about: `logistic regression, dataset ${job.datasetVersion}` });
  const scores = await scoreWithArtifact(artifact, { features: job.features, rows: holdout });
  const fitted = scoreRows(model, holdout);
  if (scores.some((score, row) => !(Math.abs(score - fitted[row]!) < tolerance))) {
    throw new Error('the ONNX artifact does not answer as the fitted model does');
  }
  return { artifact, scores };
}

/** Trains, evaluates and stores artifact and reference profile; refuses when the data do not allow it. */
export async function train(job: Job, objects: ObjectStore): Promise<JobResult> {
  const champion = await readChampion(job, objects);
  const slice = await readSlice(job, objects, champion);
  if ('reasons' in slice) return { outcome: 'refused', reasons: [...slice.reasons] };
  const { training, holdout, excludedCount } = slice.split;
  const { artifact, scores } = await fit(job, slice.split);
  const performance = evaluateScores(
    scores,
    holdout.map((row) => row.label),
  );
  const profile = buildProfile({
    datasetName: slice.datasetName,
    datasetVersion: job.datasetVersion,
    features: job.features,
    rows: [...training, ...holdout],
    scores,
    performance,
  });
  const stored = await objects.put(artifact);
  const storedProfile = await objects.put(Buffer.from(JSON.stringify(profile)));
  const comparison = champion ? await evaluateChampion(champion, slice.features, holdout, scores) : undefined;
  const notes = excludedCount > 0 ? [`${excludedCount} rows of windows with a broken feature were left out`] : [];
  if (comparison && 'note' in comparison) notes.push(comparison.note);
  return {
    outcome: 'succeeded',
    artifactDigest: stored.digest,
    artifactSizeBytes: stored.sizeBytes,
    profileDigest: storedProfile.digest,
    signature: signatureOf(job.features),
    metrics: metricsOf(performance),
    ...(comparison && 'metrics' in comparison ? { championMetrics: comparison.metrics, comparison: comparison.paired } : {}),
    trainedOn: periodOf(training),
    evaluatedOn: periodOf(holdout),
    notes,
  };
}

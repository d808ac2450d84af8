import type { ModelSignature } from '@bascule/contracts';
import type { ObjectStore } from '@bascule/storage';
import { buildProfile } from '../evaluation/build-profile.js';
import { type Champion, evaluateChampion } from '../evaluation/evaluate-champion.js';
import { evaluateScores, metricsOf } from '../evaluation/performance.js';
import type { Job, JobResult } from './job.schema.js';
import type { Slice } from './read-slice.js';
import type { Report } from './report.js';
import type { Row } from './row.js';

/** What a trainer made, and what it gives on the hold-out. */
export interface Made {
  readonly artifact: Uint8Array;
  readonly signature: ModelSignature;
  readonly scores: Float64Array;
  /** Numbers of the trainer's own. */
  readonly metrics?: Readonly<Record<string, number>>;
}

const periodOf = (rows: readonly Row[]) => ({
  from: new Date(rows[0]!.occurredAt).toISOString(),
  to: new Date(rows.at(-1)!.occurredAt).toISOString(),
  rowCount: rows.length,
});

/** Judges what was made on the hold-out, beside the champion, and stores artifact and reference profile. */
export async function conclude(
  job: Job,
  objects: ObjectStore,
  slice: Slice,
  champion: Champion | undefined,
  made: Made,
  report: Report,
): Promise<JobResult> {
  const { training, holdout, excludedCount } = slice.split;
  report.progress('evaluate', 80);
  const labels = holdout.map((row) => row.label);
  const performance = evaluateScores(made.scores, labels);
  const rows = [...training, ...holdout];
  const about = { datasetName: slice.datasetName, datasetVersion: job.datasetVersion, features: job.features };
  const profile = buildProfile({ ...about, rows, scores: made.scores, performance });
  const comparison = champion ? await evaluateChampion(champion, slice.features, holdout, made.scores) : undefined;
  report.progress('store', 95);
  const stored = await objects.put(made.artifact);
  const storedProfile = await objects.put(Buffer.from(JSON.stringify(profile)));
  const notes = excludedCount > 0 ? [`${excludedCount} rows of windows with a broken feature were left out`] : [];
  if (comparison && 'note' in comparison) notes.push(comparison.note);
  const own = Object.entries(made.metrics ?? {}).map(([name, value]) => [`trainer.${name}`, value] as const);
  return {
    outcome: 'succeeded',
    artifactDigest: stored.digest,
    artifactSizeBytes: stored.sizeBytes,
    profileDigest: storedProfile.digest,
    signature: made.signature,
    metrics: { ...metricsOf(performance), ...Object.fromEntries(own) },
    ...(comparison && 'metrics' in comparison ? { championMetrics: comparison.metrics, comparison: comparison.paired } : {}),
    trainedOn: periodOf(training),
    evaluatedOn: periodOf(holdout),
    notes,
  };
}

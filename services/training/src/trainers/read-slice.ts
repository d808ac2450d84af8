import type { ObjectStore } from '@bascule/storage';
import { DatasetStore } from '../evaluation/dataset.store.js';
import type { Champion } from '../evaluation/evaluate-champion.js';
import { inputsOf } from '../evaluation/onnx.runtime.js';
import { missingColumns } from '../evaluation/read-dataset.js';
import type { Job } from './job.schema.js';
import type { Feature } from './row.js';
import { type Split, splitByTime } from './split.js';

/** The rows of a run, split. */
export interface Slice {
  readonly datasetName: string;
  /** The pipeline's features first, then those that only the champion knows. */
  readonly features: readonly Feature[];
  readonly split: Split;
}

/** Reads and splits the rows of a job; or says why they do not allow a training. */
export async function readSlice(
  job: Job,
  objects: ObjectStore,
  champion: Champion | undefined,
): Promise<Slice | { reasons: readonly string[] }> {
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

/** The model in production, with what it takes. */
export async function readChampion(job: Job, objects: ObjectStore): Promise<Champion | undefined> {
  if (!job.champion) return undefined;
  const artifact = await objects.get(job.champion.artifactDigest);
  return { version: job.champion.version, artifact, inputs: await inputsOf(artifact) };
}

import type { DatasetManifest } from '@bascule/contracts';
import type { ObjectStore } from '@bascule/storage';
import { taskOfOutputs } from '../evaluation/champion-task.js';
import { DatasetStore } from '../evaluation/dataset.store.js';
import type { Champion } from '../evaluation/evaluate-champion.js';
import { outlineOf } from '../evaluation/onnx.runtime.js';
import { missingColumns, timeColumnOf } from '../evaluation/read-dataset.js';
import { innerSplit } from './inner-split.js';
import type { Job } from './job.schema.js';
import { releaseMemory } from './release-memory.js';
import type { Feature } from './row.js';
import { shuffled } from './rows.js';
import { type Split, type SplitRule, splitRows } from './split.js';
import { targetOf } from './target.js';

/** The rows of a run, split. */
export interface Slice {
  readonly datasetName: string;
  /** Of the dataset that the hold-out comes from. */
  readonly evaluationName: string;
  /** The pipeline's features first, then those that only the champion knows. */
  readonly features: readonly Feature[];
  readonly split: Split;
  /** How it was split. */
  readonly rule: SplitRule;
}

/** What a dataset version lacks for a job; empty when it has all. */
export async function columnFaults(job: Job, objects: ObjectStore): Promise<string[]> {
  const manifests = await manifestsOf(job, objects);
  const { column } = job.split;
  const looked = [...job.evaluation.slices, ...job.evaluation.sensitive, ...(column === undefined ? [] : [column])];
  const lacking = manifests.flatMap(({ datasetName, columns }) =>
    looked.filter((name) => columns.every((known) => known.name !== name)).map((name) => `dataset ${datasetName} has no column ${name}`),
  );
  const missing = manifests.flatMap((read) => missingColumns(read, job.features, job.label));
  return [...new Set([...missing, ...timeFaults(job, manifests), ...lacking])];
}

/** What a split asks of times where there are none. */
function timeFaults({ split }: Job, manifests: readonly DatasetManifest[]): string[] {
  const wishes = [
    ...(split.by === 'time' ? ['a split by time needs: split by hash or group'] : []),
    ...(split.recentDays === undefined ? [] : ['split.recentDays needs: leave it out']),
  ];
  const timeless = manifests.filter((manifest) => !timeColumnOf(manifest));
  return timeless.flatMap(({ datasetName }) =>
    wishes.map((wish) => `dataset ${datasetName} has no column with the role time, which ${wish}`),
  );
}

/** Reads and splits the rows of a job; or says why they do not allow a training. */
export async function readSlice(
  job: Job,
  objects: ObjectStore,
  champion: Champion | undefined,
): Promise<Slice | { reasons: readonly string[] }> {
  const faults = await columnFaults(job, objects);
  if (faults.length > 0) return { reasons: faults };
  const datasets = new DatasetStore(objects);
  const [manifest, evaluation = manifest] = await manifestsOf(job, objects);
  const known = new Set(job.features.map(({ name }) => name));
  const extra = (champion?.inputs ?? []).filter(
    (input) =>
      !known.has(input.name) &&
      missingColumns(manifest, [input], job.label).length + missingColumns(evaluation, [input], job.label).length === 0,
  );
  const looked = lookedAt(job, [...job.features, ...extra], manifest);
  const features = [...job.features, ...extra, ...looked];
  const group = job.split.by === undefined || job.split.by === 'time' ? undefined : job.split.column;
  const hasTimes = [manifest, evaluation].every(timeColumnOf);
  const read = async (of: DatasetManifest) => {
    const inOrder = await datasets.readRows(of, features, job.label, group);
    // of a file that is sorted by something the last rows are like no others
    return timeColumnOf(of) ? inOrder : shuffled(inOrder);
  };
  const rows = await read(manifest);
  const judged = evaluation === manifest ? rows : await read(evaluation);
  // when rows without a time were received says nothing of a window
  const windows = hasTimes ? job.excludedWindows : [];
  const excluded = windows.map(({ from, to }) => ({ from: Date.parse(from), to: Date.parse(to) }));
  const by = job.split.by ?? (hasTimes ? ('time' as const) : ('hash' as const));
  const rule = { ...job.split, by, featureCount: job.features.length };
  releaseMemory(rows.length);
  const split = splitRows(rows, rule, excluded, judged, targetOf(job.label));
  if (split.outcome === 'refuse') return split;
  const names = { datasetName: manifest.datasetName, evaluationName: evaluation.datasetName };
  return { ...names, features, rule, split: job.trial ? innerSplit(split, job.trial) : split };
}

/** Columns that are no feature, and that the evaluation looks at. */
function lookedAt({ evaluation }: Job, features: readonly Feature[], { columns }: DatasetManifest): Feature[] {
  const known = new Set(features.map(({ name }) => name));
  const wanted = new Set([...evaluation.slices, ...evaluation.sensitive].filter((name) => !known.has(name)));
  return columns
    .filter(({ name }) => wanted.has(name))
    .map(({ name, type }) => ({ name, kind: type === 'number' || type === 'integer' ? ('numeric' as const) : ('categorical' as const) }));
}

/** The model in production, with what it takes. */
export async function readChampion(job: Job, objects: ObjectStore): Promise<Champion | undefined> {
  if (!job.champion) return undefined;
  const artifact = await objects.get(job.champion.artifactDigest);
  const { inputs, outputs } = await outlineOf(artifact);
  return { version: job.champion.version, artifact, inputs, tells: taskOfOutputs(job.champion.outputs ?? outputs) };
}

/** The version that is learnt from, and the one that is judged on where it is another. */
async function manifestsOf({ datasetVersion, evaluationDatasetVersion }: Job, objects: ObjectStore) {
  const datasets = new DatasetStore(objects);
  const manifest = await datasets.getManifest(datasetVersion);
  if (evaluationDatasetVersion === datasetVersion) return [manifest] as const;
  return [manifest, await datasets.getManifest(evaluationDatasetVersion)] as const;
}

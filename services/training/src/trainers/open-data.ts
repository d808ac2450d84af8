import type { ObjectStore } from '@bascule/storage';
import { DatasetStore } from '../evaluation/dataset.store.js';
import type { Champion } from '../evaluation/evaluate-champion.js';
import type { Job } from './job.schema.js';
import { leaksOf } from './leaks.js';
import { columnFaults, readSlice, type Slice } from './read-slice.js';
import type { Rows } from './row.js';
import type { Split } from './split.js';
import { once, type Steps } from './steps.js';

/** A part of the rows: when they occurred, and how many. */
export interface Period {
  readonly from: string;
  readonly to: string;
  readonly rowCount: number;
}

/** What is known of the rows of a run before any of them is needed. */
export interface OpenData {
  readonly datasetName: string;
  readonly contract: { readonly name: string; readonly version: number };
  readonly trainedOn: Period;
  readonly evaluatedOn: Period;
  readonly notes: readonly string[];
  /** All that the split of the rows rests on: names the rows for the steps that follow. */
  readonly inputs: object;
  /** The rows; read when they are first asked for. */
  readonly slice: () => Promise<Slice>;
}

type Described = Pick<OpenData, 'trainedOn' | 'evaluatedOn' | 'notes'>;

/** Resolves, checks and splits the data of a job, step by step; or says why they do not allow a training. */
export async function openData(
  job: Job,
  objects: ObjectStore,
  steps: Steps,
  champion: () => Promise<Champion | undefined>,
): Promise<OpenData | { readonly reasons: readonly string[] }> {
  const { datasetVersion, evaluationDatasetVersion, features, label, split, excludedWindows, evaluation } = job;
  const versions = { datasetVersion, evaluationDatasetVersion };
  const resolved = await steps.run('resolve', versions, async () => {
    const { datasetName, contractName, contractVersion, rowCount, labelledCount, parts } = await new DatasetStore(objects).getManifest(
      datasetVersion,
    );
    return { datasetName, contractName, contractVersion, rowCount, labelledCount, partCount: parts.length };
  });
  const { faults } = await steps.run('check', { ...versions, features, label, split, evaluation }, async () => ({
    faults: await columnFaults(job, objects),
  }));
  if (faults.length > 0) return { reasons: faults };
  const read = once(async () => readSlice(job, objects, await champion()));
  const inputs = { ...versions, features, label, split, excludedWindows };
  const described = await steps.run<Described | { readonly reasons: readonly string[] }>('split', inputs, async () => {
    const slice = await read();
    if ('reasons' in slice) return { reasons: slice.reasons };
    const { refusals, notes } = leaksOf(slice.split, job.features, job.label.task);
    return refusals.length > 0 ? { reasons: refusals } : { ...periodsOf(slice.split), notes: [...excludedNotes(slice.split), ...notes] };
  });
  if ('reasons' in described) return described;
  return {
    ...described,
    datasetName: resolved.datasetName,
    contract: { name: resolved.contractName, version: resolved.contractVersion },
    inputs,
    slice: async () => {
      const slice = await read();
      // the same rows were split before
      if ('reasons' in slice) throw new Error(slice.reasons.join('; '));
      return slice;
    },
  };
}

function periodsOf({ training, holdout }: Split) {
  return { trainedOn: periodOf(training), evaluatedOn: periodOf(holdout) };
}

function excludedNotes({ excludedCount }: Split): string[] {
  return excludedCount > 0 ? [`${excludedCount} rows of windows with a broken feature were left out`] : [];
}

function periodOf(rows: Rows): Period {
  let [from, to] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { occurredAt } of rows) {
    from = Math.min(from, occurredAt);
    to = Math.max(to, occurredAt);
  }
  return { from: new Date(from).toISOString(), to: new Date(to).toISOString(), rowCount: rows.length };
}

import type { LeakCheck } from '@bascule/contracts';
import type { ObjectStore } from '@bascule/storage';
import { minReferenceRows } from '../evaluation/build-profile.js';
import { DatasetStore } from '../evaluation/dataset.store.js';
import type { Champion } from '../evaluation/evaluate-champion.js';
import { leakChecksOf } from '../evaluation/leak-checks.js';
import type { Job } from './job.schema.js';
import { leaksOf } from './leaks.js';
import { notesOfProfiles } from './read-profiles.js';
import { columnFaults, readSlice, type Slice } from './read-slice.js';
import { releaseMemory } from './release-memory.js';
import type { Rows } from './row.js';
import type { Split } from './split.js';
import { once, type Steps } from './steps.js';
import { StoredRows } from './stored-rows.js';
import { targetOf } from './target.js';

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
  readonly leakChecks: readonly LeakCheck[];
  /** The rows to learn from and to judge on; read when they are asked for, and kept until those to judge on are. */
  readonly slice: () => Promise<Slice>;
  /** What is left to do with the rows when a model is there: those it learnt from are given up. */
  readonly judged: () => Promise<Judged>;
}

/** The rows a model is judged on. */
export type Judged = Pick<Slice, 'evaluationName' | 'features' | 'rule'> & {
  readonly holdout: Rows;
  /** Rows it learnt from, where those of the hold-out are too few to say what is normal; else none. */
  readonly training: Rows;
};

type Described = Pick<OpenData, 'trainedOn' | 'evaluatedOn' | 'notes' | 'leakChecks'>;

/** Resolves, checks and splits the data of a job, step by step; or says why they do not allow a training. */
export async function openData(
  job: Job,
  objects: ObjectStore,
  steps: Steps,
  champion: () => Promise<Champion | undefined>,
): Promise<OpenData | { readonly reasons: readonly string[] }> {
  const { datasetVersion, evaluationDatasetVersion, features, label, split, excludedWindows, evaluation, profiles } = job;
  const versions = { datasetVersion, evaluationDatasetVersion };
  const resolved = await steps.run('resolve', versions, async () => {
    const { datasetName, contractName, contractVersion, rowCount, labelledCount, parts } = await new DatasetStore(objects).getManifest(
      datasetVersion,
    );
    return { datasetName, contractName, contractVersion, rowCount, labelledCount, partCount: parts.length };
  });
  const looked = { ...versions, features, label, split, evaluation, ...(profiles ? { profiles } : {}) };
  const { faults, notes: profiled } = await steps.run('check', looked, async () => ({
    faults: await columnFaults(job, objects),
    notes: await notesOfProfiles(job, objects),
  }));
  if (faults.length > 0) return { reasons: faults };
  let reading: Promise<Slice | { reasons: readonly string[] }> | undefined;
  const read = () => (reading ??= champion().then((known) => readSlice(job, objects, known)));
  const slice = async () => {
    const found = await read();
    // the same rows were split before
    if ('reasons' in found) throw new Error(found.reasons.join('; '));
    return found;
  };
  const inputs = { ...versions, features, label, split, excludedWindows };
  const described = await steps.run<Described | { readonly reasons: readonly string[] }>('split', inputs, async () => {
    const slice = await read();
    if ('reasons' in slice) return { reasons: slice.reasons };
    const { refusals, notes } = leaksOf(slice.split, job.features, job.label.task);
    if (refusals.length > 0) return { reasons: refusals };
    const leakChecks = leakChecksOf(slice.split, job.features, targetOf(job.label));
    releaseMemory(slice.split.training.length);
    return { ...periodsOf(slice.split), notes: [...excludedNotes(slice.split), ...notes], leakChecks };
  });
  if ('reasons' in described) return described;
  return {
    ...described,
    notes: [...profiled, ...described.notes],
    datasetName: resolved.datasetName,
    contract: { name: resolved.contractName, version: resolved.contractVersion },
    inputs,
    slice,
    judged: once(async () => {
      const judged = await judgedOf(slice);
      reading = undefined;
      releaseMemory(judged.holdout.length);
      return judged;
    }),
  };
}

/** Apart, so that nothing refers to the rows of the training when it is done. */
async function judgedOf(slice: () => Promise<Slice>): Promise<Judged> {
  const { evaluationName, features, rule, split } = await slice();
  const { training, holdout } = split;
  const about = { evaluationName, features, rule };
  if (holdout.length < minReferenceRows) return { ...about, holdout, training };
  return { ...about, holdout: holdout instanceof StoredRows ? holdout.alone() : holdout, training: [] };
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

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ObjectStore } from '@bascule/storage';
import type { Job, JobResult } from '../trainers/job.schema.js';
import { readSlice } from '../trainers/read-slice.js';
import type { Feature, Rows } from '../trainers/row.js';
import { seedOf } from '../trainers/seed.js';
import type { ProgramJob } from './program-job.schema.js';
import { writeRows } from './write-rows.js';

/** Share of the training part, its latest rows, that a program gets to decide when to stop. */
const validationShare = 0.2;
const timeColumn = 'occurred_at';
const labelColumn = 'label';

export type ProgramContext = Pick<ProgramJob, 'runId' | 'attempt' | 'pipelineName' | 'limits'>;

/** A name that no feature has. */
function freeName(wanted: string, features: readonly Feature[]): string {
  return features.some(({ name }) => name === wanted) ? freeName(`${wanted}_`, features) : wanted;
}

const periodOf = (rows: Rows) => ({
  from: new Date(rows.at(0)!.occurredAt).toISOString(),
  to: new Date(rows.at(-1)!.occurredAt).toISOString(),
  rowCount: rows.length,
});

/** Writes what a program trains on into its folder; never the hold-out it will be judged on. */
export async function prepare(job: Job, objects: ObjectStore, folder: string, context: ProgramContext): Promise<JobResult> {
  const slice = await readSlice(job, objects, undefined);
  if ('reasons' in slice) return { outcome: 'refused', reasons: [...slice.reasons] };
  const { training } = slice.split;
  const cut = Math.max(1, Math.min(training.length - 1, Math.floor(training.length * (1 - validationShare))));
  const [train, validation] = [training.slice(0, cut), training.slice(cut)];
  const names = { time: freeName(timeColumn, job.features), label: freeName(labelColumn, job.features) };
  const document: ProgramJob = {
    schemaVersion: 1,
    ...context,
    modelName: job.modelName,
    seed: seedOf(job),
    features: job.features,
    labelColumn: names.label,
    timeColumn: names.time,
    params: job.params,
    files: { train: 'train.parquet', validation: 'validation.parquet' },
    train: periodOf(train),
    validation: periodOf(validation),
  };
  await mkdir(folder, { recursive: true });
  await writeRows(join(folder, document.files.train), train, job.features, names);
  await writeRows(join(folder, document.files.validation), validation, job.features, names);
  await writeFile(join(folder, 'job.json'), `${JSON.stringify(document, null, 2)}\n`);
  return { outcome: 'prepared' };
}

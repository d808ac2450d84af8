import type { ObjectStore } from '@bascule/storage';
import { z } from 'zod';
import { judgeTrial } from './conclude.js';
import { fit, scoreFitted } from './fit.js';
import { innerSplit } from './inner-split.js';
import { type Job, type JobResult, jobResult, type Task } from './job.schema.js';
import { readSlice } from './read-slice.js';

/** What our own program tells of a trial on standard output when it has ended. */
export const trialLine = z.object({
  type: z.literal('trial'),
  /** Place among the trials of the task, from 0. */
  at: z.int().min(0),
  result: jobResult,
  seconds: z.number().min(0),
});
export type TrialLine = z.infer<typeof trialLine>;

/** A line that tells of a trial. */
export function trialLineOf(line: string): TrialLine | undefined {
  if (!line.startsWith('{"type":"trial"')) return undefined;
  try {
    return trialLine.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}

/** Tries parameters out, one after another on rows that are read once; nothing is kept but how each did. */
export async function tryOut(job: Job, trials: Task['trials'], objects: ObjectStore, tell: (line: TrialLine) => void): Promise<JobResult> {
  const slice = await readSlice(job, objects, undefined);
  for (const [at, { rows, params }] of trials.entries()) {
    const startedAt = performance.now();
    const result = 'reasons' in slice ? refused(slice.reasons) : await tryOne(job, slice.split, { rows, params });
    tell({ type: 'trial', at, result, seconds: (performance.now() - startedAt) / 1000 });
  }
  return { outcome: 'tried' };
}

async function tryOne(job: Job, split: Parameters<typeof innerSplit>[0], { rows, params }: Task['trials'][number]): Promise<JobResult> {
  const tried = { ...job, params: { ...job.params, ...params }, trial: { rows } };
  const inner = innerSplit(split, { rows });
  return judgeTrial(tried, inner, await scoreFitted(tried, await fit(tried, inner.training), inner.holdout));
}

const refused = (reasons: readonly string[]): JobResult => ({ outcome: 'refused', reasons: [...reasons] });

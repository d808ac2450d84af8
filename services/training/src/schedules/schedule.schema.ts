import { z } from 'zod';
import { knownNames } from '../trainers/known-names.js';
import { faultOfSchedule } from './schedule.js';

/** When to train by the clock. */
export const schedule = knownNames({
  /** Five fields: minute, hour, day of the month, month, day of the week. */
  cron: z.string().trim().min(9).max(100),
  timeZone: z.string().min(1).max(60).default('UTC'),
  mode: z.enum(['auto', 'propose']).default('auto'),
  /** What becomes of times that were missed or held: `skip` none, `once` the newest, `all` each up to `maxCatchUp`. */
  catchUp: z.enum(['skip', 'once', 'all']).default('once'),
  maxCatchUp: z.int().min(1).max(100).default(10),
  /** Labelled rows since the last training without which a time passes. At 0 the same data are trained on again. */
  minNewLabelledRows: z.int().min(0).max(1_000_000_000).default(1),
}).superRefine((value, context) => {
  const fault = faultOfSchedule(value);
  if (fault) context.addIssue({ code: 'custom', path: [fault.path], message: fault.message, input: value[fault.path] });
});

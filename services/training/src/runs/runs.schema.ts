import { digest, entityName, instant, uuid } from '@bascule/contracts';
import { pageQuery } from '@bascule/platform';
import { z } from 'zod';
import { gates } from '../pipelines/gates.schema.js';
import { search } from '../search/search.schema.js';
import { feature, label, paramValues, resources, split } from '../trainers/job.schema.js';
import { runStatuses } from './run-state.js';

/** What a run does, fixed when it is requested. */
export const runRecipe = z.object({
  trainer: entityName,
  features: z.array(feature).min(1),
  label,
  params: paramValues,
  split,
  resources: resources.optional(),
  search: search.optional(),
  gates: gates.optional(),
  /** Nothing is taken over from earlier runs. */
  fresh: z.boolean().optional(),
  excludedWindows: z.array(z.object({ from: instant, to: instant })),
});
export type RunRecipe = z.infer<typeof runRecipe>;

/** Places in the queue; who waits long moves up. */
export const priorities = { low: -1, normal: 0, high: 1 } as const;
export const priority = z.enum(['low', 'normal', 'high']);
export type Priority = z.infer<typeof priority>;

/** Body of a run request; without a version the latest one is used. */
export const runRequest = z
  .object({
    datasetVersion: digest.optional(),
    /** Absent: as the pipeline says. */
    priority: priority.optional(),
    /** `false`: every step is carried out again, to see whether the same comes out. */
    reuse: z.boolean().default(true),
  })
  .meta({ id: 'RunRequest' });
export type RunRequest = z.infer<typeof runRequest>;

export const runsQuery = pageQuery.extend({ pipeline: entityName.optional(), status: z.enum(runStatuses).optional() });
export type RunsQuery = z.infer<typeof runsQuery>;

export const cancelRequest = z
  .object({ reason: z.string().trim().min(1).max(1000).default('no reason given') })
  .meta({ id: 'CancelRequest' });
export type CancelRequest = z.infer<typeof cancelRequest>;

export const runId = uuid;

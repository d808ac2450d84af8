import { digest, entityName, instant, uuid } from '@bascule/contracts';
import { pageQuery } from '@bascule/platform';
import { z } from 'zod';
import { parseFilter, parseOrder } from '../experiments/run-filter.js';
import { gates } from '../pipelines/gates.schema.js';
import { search } from '../search/search.schema.js';
import { evaluation, feature, label, paramValues, resources, split } from '../trainers/job.schema.js';
import { knownNames } from '../trainers/known-names.js';
import { runStatuses } from './run-state.js';

/** What a run does, fixed when it is requested. */
export const runRecipe = z.object({
  trainer: entityName,
  features: z.array(feature).min(1),
  label,
  params: paramValues,
  split,
  /** Absent in runs of before it could be said. */
  evaluation: evaluation.optional(),
  resources: resources.optional(),
  search: search.optional(),
  gates: gates.optional(),
  /** Nothing is taken over from earlier runs. */
  fresh: z.boolean().optional(),
  excludedWindows: z.array(z.object({ from: instant, to: instant })),
});
export type RunRecipe = z.infer<typeof runRecipe>;

/** Words that people look runs up by. */
export const tagName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, 'letters, digits, dot, underscore and dash; at most 63');
export const tagValue = z.string().max(200);
const tags = z.record(tagName, tagValue).refine((given) => Object.keys(given).length <= 50, 'at most 50 tags');

/** Places in the queue; who waits long moves up. */
export const priorities = { low: -1, normal: 0, high: 1 } as const;
export const priority = z.enum(['low', 'normal', 'high']);
export type Priority = z.infer<typeof priority>;

/** Body of a run request; without a version the latest one is used. */
export const runRequest = knownNames({
  datasetVersion: digest.optional(),
  /** Absent: as the pipeline says. */
  priority: priority.optional(),
  /** `false`: every step is carried out again, to see whether the same comes out. */
  reuse: z.boolean().default(true),
  tags: tags.default({}),
  note: z.string().trim().max(10_000).optional(),
}).meta({ id: 'RunRequest' });
export type RunRequest = z.infer<typeof runRequest>;

const filters = z
  .union([z.string(), z.array(z.string())])
  .default([])
  .transform((given, context) =>
    [given].flat().map((text) => {
      const filter = parseFilter(text);
      if (!filter)
        context.addIssue({ code: 'custom', message: 'not like metric.auc>=0.8, param.trainer=prior or tag.team=claims', input: text });
      return filter ?? z.NEVER;
    }),
  )
  .refine((list) => list.length <= 10, 'at most 10 filters');

const order = z.string().transform((text, context) => {
  const parsed = parseOrder(text);
  if (!parsed) context.addIssue({ code: 'custom', message: 'not like metric.auc, or -metric.auc for the highest first', input: text });
  return parsed ?? z.NEVER;
});

export const runsQuery = pageQuery
  .extend({
    pipeline: entityName.optional(),
    model: entityName.optional(),
    status: z.enum(runStatuses).optional(),
    /** All of them must be met; may be given several times. */
    filter: filters,
    /** Absent: newest first. */
    sort: order.optional(),
  })
  .strict();
export type RunsQuery = z.infer<typeof runsQuery>;

export const cancelRequest = z
  .strictObject({ reason: z.string().trim().min(1).max(1000).default('no reason given') })
  .meta({ id: 'CancelRequest' });
export type CancelRequest = z.infer<typeof cancelRequest>;

export const runId = uuid;

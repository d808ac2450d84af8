import { entityName } from '@bascule/contracts';
import { pageQuery } from '@bascule/platform';
import { z } from 'zod';
import { feature, label, params, split } from '../trainers/job.schema.js';
import { triggers } from './triggers.schema.js';

const features = z
  .array(feature)
  .min(1)
  .max(1000)
  .refine((list) => new Set(list.map(({ name }) => name)).size === list.length, 'each feature is named once');

const recipe = {
  title: z.string().trim().min(1).max(200).optional(),
  modelName: entityName,
  datasetName: entityName,
  /** Evaluate on the hold-out of this dataset's latest version instead of the own one. */
  evaluationDatasetName: entityName.optional(),
  trainer: z.literal('logistic-regression').default('logistic-regression'),
  features,
  label,
  params: params.prefault({}),
  split: split.prefault({}),
  triggers: triggers.prefault({}),
};

/** Body of PUT: everything but the name. */
export const pipelineBody = z.object(recipe).meta({ id: 'PipelineBody' });
export type PipelineBody = z.infer<typeof pipelineBody>;

/** Body of POST. */
export const newPipeline = z.object({ name: entityName, ...recipe }).meta({ id: 'Pipeline' });
export type NewPipeline = z.infer<typeof newPipeline>;

export const pipelinesQuery = pageQuery;
export const pipelineName = entityName;

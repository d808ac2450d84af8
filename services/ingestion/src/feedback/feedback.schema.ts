import { entityName, instant } from '@bascule/contracts';
import { z } from 'zod';
import { textFault } from '../storable-text.js';

const columnName = z
  .string()
  .min(1)
  .refine((name) => textFault(name) === undefined, 'text that cannot be stored: U+0000 or half of a surrogate pair');

export const feedbackBody = z
  .strictObject({
    modelName: entityName,
    /** The column that takes the ground truth. */
    labelColumn: columnName,
    /** What identifies the record: the client's own id, or the prediction. */
    idFrom: z.enum(['client_record_id', 'prediction_id']).default('client_record_id'),
    /** The column that takes the id; the contract's column with role `id` when absent. */
    idColumn: columnName.optional(),
    /** The column that takes `occurredAt`; the contract's column with role `time` when absent. */
    timeColumn: columnName.optional(),
    /** Needed when the dataset has no batch yet. */
    contractName: entityName.optional(),
  })
  .meta({ id: 'FeedbackRuleBody' });
export type FeedbackBody = z.infer<typeof feedbackBody>;

export const feedbackView = z
  .object({
    datasetName: entityName,
    modelName: entityName,
    labelColumn: z.string(),
    idColumn: z.string().nullable(),
    idFrom: z.string(),
    timeColumn: z.string().nullable(),
    pendingCount: z.int(),
    createdBy: z.string(),
    createdAt: instant,
  })
  .meta({ id: 'FeedbackRule' });
export const feedbackList = z.object({ items: z.array(feedbackView), nextCursor: z.string().nullable() });

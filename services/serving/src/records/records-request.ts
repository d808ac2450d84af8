import { z } from 'zod';

const rule = {
  absentFeatures: z
    .enum(['refuse', 'missing'])
    .default('refuse')
    .describe('What a feature is that a record does not name: an error, or missing as if it were null.'),
  unknownFeatures: z.enum(['refuse', 'ignore']).default('refuse').describe('What to do with a feature that the model does not have.'),
  outsideContract: z
    .enum(['warn', 'refuse'])
    .default('warn')
    .describe('What to do with a value that the contract of the training data does not allow: told with the answer, or an error.'),
};

const timeout = z
  .int()
  .min(1)
  .optional()
  .describe('Milliseconds after which the answer is of no use any more: what has not run by then is answered with an error.');

/** Most records of one request. */
export const maxRecords = 1_000;

/** The form of a request; what is wrong with a single record is told with its answer. */
export const recordsRequest = z.strictObject({ records: z.array(z.unknown()).min(1).max(maxRecords), timeoutMs: timeout, ...rule });
export type RecordsRequest = z.infer<typeof recordsRequest>;

const cell = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const record = z.object({
  id: z
    .union([z.string(), z.int()])
    .optional()
    .describe('Your own id, for example a claim number: labels and decisions may name it. At most 200 characters.'),
  occurredAt: z.iso.datetime({ offset: true }).optional().describe('When it happened, with a time zone; the time of receipt when absent.'),
  routingKey: z.string().optional().describe('Records of one key are answered by one version while a rollout lasts; the id when absent.'),
  features: z
    .union([z.record(z.string(), z.union([cell, z.array(z.unknown())])), z.array(z.unknown())])
    .describe('Value by name. null is a missing value: NaN for a float, "" for text. A number may be sent as text.'),
});

const fault = z.object({ path: z.string(), reason: z.string(), message: z.string() });
const outcome = z.object({
  id: z.string().optional(),
  predictionId: z.uuid().optional(),
  version: z.int().optional().describe('The version that answered; records of one request may differ while a rollout lasts.'),
  label: z.unknown().optional(),
  probabilities: z
    .record(z.string(), z.number().nullable())
    .optional()
    .describe('By class: its name where the signature has one, else its position.'),
  value: z.unknown().optional().describe('Of a regressor.'),
  outputs: z.record(z.string(), z.unknown()).optional().describe('Other outputs of the model.'),
  warnings: z.array(fault).optional().describe('Values that the contract of the training data does not allow.'),
  error: z
    .object({ code: z.string(), detail: z.string(), remedy: z.string(), retryable: z.boolean(), errors: z.array(fault).optional() })
    .optional()
    .describe('Why this record has no answer; the others have theirs.'),
});

/** Request and answer for the API description. */
export const recordsSchemas = {
  RecordsRequest: z.object({ records: z.array(record).min(1).max(maxRecords), timeoutMs: timeout, ...rule }),
  RecordsResponse: z.object({
    modelName: z.string(),
    predictions: z.array(outcome).describe('One per record, in order.'),
    answered: z.int(),
    refused: z.int(),
    receipts: z.array(z.string()).optional().describe('Signed receipts, one per run; asked for by `X-Bascule-Receipt: 1`.'),
  }),
};

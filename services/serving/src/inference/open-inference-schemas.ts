import { tensorDatatype } from '@bascule/contracts';
import { z } from 'zod';
import { inferenceLimits } from './inference-limits.js';

const parameters = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));
const column = z.object({
  name: z.string().max(inferenceLimits.nameLength),
  datatype: tensorDatatype.describe('BF16 is refused: the runtime does not carry it.'),
  shape: z.array(z.int()).max(inferenceLimits.rank),
});
const data = z
  .array(z.unknown())
  .optional()
  .describe(
    'Row-major, nested or flat. null in FP16, FP32 and FP64 is a missing number (NaN), 1e999 and -1e999 are infinite. Absent where the bytes stand behind the JSON.',
  );
const size = z.int().min(0).optional();
const specification = column.extend({ shape: z.array(z.int().min(-1)).describe('-1 is an axis of any length.') });

/** Bodies of the Open Inference Protocol, for the description of the API. */
export const openInferenceSchemas = {
  InferenceRequest: z.object({
    id: z.string().max(200).optional().describe('Comes back with the answer.'),
    parameters: parameters
      .optional()
      .describe(
        'client_record_id, occurred_at (ISO 8601), routing_key, receipt; with several rows the first two are comma-joined, one per row. binary_data_output: true asks for every output as raw bytes. timeout: microseconds after which nobody waits for the answer.',
      ),
    inputs: z
      .array(
        column.extend({
          parameters: parameters.optional().describe('binary_data_size: bytes of this input behind the JSON, in the order of the inputs.'),
          data,
        }),
      )
      .min(1)
      .max(inferenceLimits.tensors),
    outputs: z
      .array(z.object({ name: z.string(), parameters: z.looseObject({ binary_data: z.boolean().optional() }).optional() }))
      .max(inferenceLimits.tensors)
      .optional()
      .describe('Absent for all.'),
  }),
  InferenceResponse: z.object({
    model_name: z.string(),
    model_version: z.string(),
    id: z.string().optional(),
    parameters: z.object({
      prediction_id: z.string().describe('One per row, comma-joined.'),
      receipt: z.string().optional().describe('A signed note about the rows, when one was asked for; at most 1,000 rows.'),
    }),
    outputs: z.array(column.extend({ parameters: z.object({ binary_data_size: size }).optional(), data })),
  }),
  InferenceProblem: z.object({
    error: z.string().describe('The same text as detail.'),
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string().describe('Names the input or output it is about.'),
    remedy: z.string(),
    code: z.string().describe('Stable; docs/errors.md lists them.'),
    instance: z.string(),
  }),
  ServerMetadata: z.object({ name: z.string(), version: z.string(), extensions: z.array(z.string()) }),
  ServerLive: z.object({ live: z.boolean() }),
  ServerReady: z.object({ live: z.boolean(), ready: z.boolean() }),
  ModelReady: z.object({ name: z.string(), ready: z.boolean() }),
  ModelMetadata: z.object({
    name: z.string(),
    versions: z.array(z.string()),
    platform: z.string(),
    inputs: z.array(specification),
    outputs: z.array(specification),
    parameters: z
      .record(z.string(), z.string())
      .describe('left_out: outputs of the model that the protocol cannot carry, such as maps and sequences, comma-joined.'),
  }),
  RepositoryIndexRequest: z.object({ ready: z.boolean().optional().describe('true for those that are ready only.') }),
  RepositoryIndex: z.array(
    z.object({
      name: z.string(),
      version: z.string(),
      state: z.enum(['READY', 'LOADING', 'UNAVAILABLE']),
      reason: z.string().describe('Why it is unavailable.'),
    }),
  ),
};

export type OpenInferenceSchema = keyof typeof openInferenceSchemas;

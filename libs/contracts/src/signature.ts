import { z } from 'zod';
import { columnLimits } from './column-limits.js';

/** Datatypes of the Open Inference Protocol v2. */
export const tensorDatatype = z.enum([
  'BOOL',
  'UINT8',
  'UINT16',
  'UINT32',
  'UINT64',
  'INT8',
  'INT16',
  'INT32',
  'INT64',
  'FP16',
  'FP32',
  'FP64',
  'BF16',
  'BYTES',
]);
export type TensorDatatype = z.infer<typeof tensorDatatype>;

/** One tensor of a model: -1 marks an axis of any length. Where every tensor begins with one, the first axis is the batch. */
export const tensorSpec = z.object({
  name: z.string().min(1),
  datatype: tensorDatatype,
  shape: z.array(z.int().min(-1)),
  /** How monitoring reads the column; absent for outputs. */
  kind: z.enum(['numeric', 'categorical']).optional(),
  /** Names along the last axis: the features of one wide input, the classes of probabilities. */
  columns: z.array(z.string().min(1)).optional(),
  /** Of an input that is one feature: what the contract of the training data allows. Values beyond it are told, not refused. */
  limits: columnLimits.optional(),
  /** Of a label that is a position: what its values stand for, from 0. */
  classes: z.array(z.string()).optional(),
});
export type TensorSpec = z.infer<typeof tensorSpec>;

/** A model version's input and output schema. */
export const modelSignature = z.object({ inputs: z.array(tensorSpec).min(1), outputs: z.array(tensorSpec).min(1) });
export type ModelSignature = z.infer<typeof modelSignature>;

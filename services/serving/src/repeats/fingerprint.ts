import { createHash } from 'node:crypto';
import type { InferenceRequest } from '../inference/inference-request.js';
import { bytesOf } from '../inference/tensor-bytes.js';

// a repeat may wait longer than the first, or want the same answer in another form
const aboutTheAnswering = new Set(['timeout', 'priority', 'receipt', 'binary_data_output']);

/** What tells two requests of one key apart: what is asked of which version. The protocol and the form of the tensors do not matter. */
export function inferenceFingerprint(request: InferenceRequest, version: string | undefined, pin: string | undefined): string {
  const { id, parameters, inputs, outputs } = request;
  const named = Object.entries(parameters)
    .filter(([name]) => !aboutTheAnswering.has(name))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const headers = inputs.map(({ name, datatype, shape }) => [name, datatype, shape]);
  const hash = createHash('sha256').update(JSON.stringify(['infer', id ?? null, named, headers, outputs, version ?? null, pin ?? null]));
  for (const { data } of inputs) hash.update(bytesOf(data));
  return hash.digest('hex');
}

/** The same for a request that is JSON through and through. */
export function jsonFingerprint(kind: string, body: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify([kind, body], bigAsText))
    .digest('hex');
}

function bigAsText(_name: string, value: unknown): unknown {
  return typeof value === 'bigint' ? `${value}n` : value;
}

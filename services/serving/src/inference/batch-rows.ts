import { inferenceLimits, inputCalled, type Refusal, refusalError, refuse, refuseLimit } from './inference-limits.js';
import type { Tensor } from './tensor.js';

/**
 * Rows of a batch: the first axis of every input.
 * @throws when the inputs do not have the same, or more than may be answered at once
 */
export function batchRows(inputs: readonly Tensor[]): number {
  const rows = inputs[0]?.shape[0] ?? 1;
  for (const input of inputs) {
    const fault = input.shape[0] === rows ? undefined : unevenRows(input, inputs[0] as Tensor);
    if (fault) throw refusalError(fault);
  }
  // rows without any cell cost the client nothing, and an id and a record each here
  if (rows > inferenceLimits.rows) {
    const called = inputCalled(inputs[0]?.name ?? '');
    throw refusalError(refuseLimit(`${called} has ${rows} rows, at most ${inferenceLimits.rows} are answered at once`));
  }
  return rows;
}

function unevenRows(input: Tensor, first: Tensor): Refusal {
  return refuse(`${inputCalled(input.name)} has ${input.shape[0]} rows, ${inputCalled(first.name)} has ${first.shape[0]}`);
}

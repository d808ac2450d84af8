import type { TensorSpec } from '@bascule/contracts';
import { allocate, elementCount, type Tensor } from '../inference/tensor.js';

/** True when the first axis of every input and output may have any length, as a batch must. */
export function mayBatch(inputs: readonly TensorSpec[], outputs: readonly TensorSpec[]): boolean {
  return [...inputs, ...outputs].every((tensor) => tensor.shape[0] === -1);
}

/** One request that fits the inputs: all zeros and empty texts, or with `filled` all ones and a word. */
export function warmUpInputs(inputs: readonly TensorSpec[], filled: boolean): Tensor[] {
  return inputs.map(({ name, datatype, shape }) => {
    const axes = shape.map((length) => (length === -1 ? 1 : length));
    const data = allocate(datatype, elementCount(axes));
    if (filled && Array.isArray(data)) data.fill('warm');
    else if (filled && (data instanceof BigInt64Array || data instanceof BigUint64Array)) data.fill(1n);
    else if (filled) (data as Float32Array).fill(1);
    return { name, datatype, shape: axes, data };
  });
}

/** True when two results agree but for rounding. */
export function isSameResult(a: readonly Tensor[], b: readonly Tensor[]): boolean {
  return a.every((tensor, position) => {
    const other = b[position];
    if (!other || tensor.shape.join() !== other.shape.join()) return false;
    return Array.prototype.every.call(tensor.data, (cell: unknown, index: number) => isClose(cell, other.data[index]));
  });
}

function isClose(a: unknown, b: unknown): boolean {
  if (typeof a !== 'number' || typeof b !== 'number') return a === b;
  return Object.is(a, b) || a === b || Math.abs(a - b) <= 1e-5 * Math.max(Math.abs(a), Math.abs(b));
}

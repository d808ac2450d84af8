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

/** Values that take a processor longest in the one or other place: denormal numbers cost a hundred times what others do. */
const probes: readonly ((index: number) => number)[] = [
  () => 0,
  () => 1,
  () => 1e-40,
  () => 1e-20,
  () => 1e30,
  // any fixed mixture of signs and sizes
  (index) => Math.sin(index * 12.9898) * 3,
];

/** Requests of `rows` rows that fit the inputs, to find how long a run may take. */
export function probeInputs(inputs: readonly TensorSpec[], rows: number): Tensor[][] {
  return probes.map((valueAt) =>
    inputs.map(({ name, datatype, shape }) => {
      const axes = [rows, ...shape.slice(1)];
      const data = allocate(datatype, elementCount(axes));
      const isReal = datatype === 'FP32' || datatype === 'FP64';
      for (let index = 0; index < data.length; index++) {
        const value = isReal ? valueAt(index) : Math.abs(Math.trunc(valueAt(index))) % 2;
        data[index] = (data instanceof BigInt64Array || data instanceof BigUint64Array ? BigInt(value) : value) as never;
      }
      return { name, datatype, shape: axes, data };
    }),
  );
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

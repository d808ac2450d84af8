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
  return areAlike(a, b, () => () => 0);
}

/**
 * The same for one model computed twice, cell by cell. Sums are rounded in another order when their numbers lie elsewhere in
 * memory; where positive and negative parts cancel out, what is left of that is small beside the largest cell of the column,
 * not beside the cell itself: 16 steps of FP32 are allowed. Labels and other whole numbers are alike or not.
 */
export function isSameComputation(a: readonly Tensor[], b: readonly Tensor[]): boolean {
  return areAlike(a, b, (tensor) => {
    const largest = largestByColumn(tensor);
    return (index) => 1e-6 * (largest[index % largest.length] ?? 0);
  });
}

/** `slackOf` answers how far apart each cell may be whatever its size. */
function areAlike(a: readonly Tensor[], b: readonly Tensor[], slackOf: (tensor: Tensor) => (index: number) => number): boolean {
  return a.every((tensor, position) => {
    const other = b[position];
    if (!other || tensor.shape.join() !== other.shape.join()) return false;
    const slack = slackOf(other);
    const isReal = tensor.datatype === 'FP32' || tensor.datatype === 'FP64';
    return Array.prototype.every.call(tensor.data, (cell: unknown, index: number) =>
      isReal ? isClose(cell as number, other.data[index] as number, slack(index)) : cell === other.data[index],
    );
  });
}

/** Of each place of a row, behind the axis of rows. */
function largestByColumn({ data, shape }: Tensor): Float64Array {
  const largest = new Float64Array(elementCount(shape.slice(1)));
  for (let index = 0; index < data.length; index++) {
    const cell = data[index];
    const column = index % largest.length;
    if (typeof cell === 'number' && Number.isFinite(cell)) largest[column] = Math.max(largest[column] ?? 0, Math.abs(cell));
  }
  return largest;
}

function isClose(a: number, b: number, slack: number): boolean {
  if (Object.is(a, b) || a === b) return true;
  // beside an infinity every number would be close
  if (!Number.isFinite(a) || !Number.isFinite(b)) return false;
  return Math.abs(a - b) <= Math.max(slack, 1e-5 * Math.max(Math.abs(a), Math.abs(b)));
}

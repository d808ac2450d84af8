import type { TensorDatatype } from '@bascule/contracts';

export type TensorData =
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigUint64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Float32Array
  | Float64Array
  | string[];

/** A tensor in memory: row-major, BOOL as bytes, FP16 as raw 16-bit words, BYTES as strings. */
export interface Tensor {
  readonly name: string;
  readonly datatype: TensorDatatype;
  readonly shape: readonly number[];
  readonly data: TensorData;
}

interface NumberArray {
  new (length: number): Exclude<TensorData, string[]>;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): Exclude<TensorData, string[]>;
  readonly BYTES_PER_ELEMENT: number;
}

const arrays: Partial<Record<TensorDatatype, NumberArray>> = {
  BOOL: Uint8Array,
  UINT8: Uint8Array,
  UINT16: Uint16Array,
  UINT32: Uint32Array,
  UINT64: BigUint64Array,
  INT8: Int8Array,
  INT16: Int16Array,
  INT32: Int32Array,
  INT64: BigInt64Array,
  FP16: Uint16Array,
  FP32: Float32Array,
  FP64: Float64Array,
} as Partial<Record<TensorDatatype, NumberArray>>;

/** The typed array that holds a datatype; undefined for BYTES and for what the runtime cannot carry. */
export function arrayOf(datatype: TensorDatatype): NumberArray | undefined {
  return arrays[datatype];
}

const slabBytes = 65_536;
const smallBytes = 1_024;
let slab = new ArrayBuffer(slabBytes);
let slabUsed = 0;

/**
 * Empty storage for `length` elements. Small arrays are cut from a shared buffer: one of their own would cost an allocation
 * outside the heap each.
 */
export function allocate(datatype: TensorDatatype, length: number): TensorData {
  const ArrayType = arrays[datatype];
  if (!ArrayType) return new Array<string>(length).fill('');
  const bytes = length * ArrayType.BYTES_PER_ELEMENT;
  if (bytes > smallBytes) return new ArrayType(length);
  if (slabUsed + bytes > slabBytes) {
    slab = new ArrayBuffer(slabBytes);
    slabUsed = 0;
  }
  const data = new ArrayType(slab, slabUsed, length);
  // aligned for every datatype
  slabUsed += (bytes + 7) & ~7;
  return data;
}

/** Number of elements of a shape. */
export function elementCount(shape: readonly number[]): number {
  let count = 1;
  for (let axis = 0; axis < shape.length; axis++) count *= shape[axis] as number;
  return count;
}

/** Number of elements in one row, that is all axes but the first. */
export function rowLength(shape: readonly number[]): number {
  let count = 1;
  for (let axis = 1; axis < shape.length; axis++) count *= shape[axis] as number;
  return count;
}

/** True when the shape fits the specification, where -1 stands for any length. */
export function fitsShape(shape: readonly number[], spec: readonly number[]): boolean {
  if (shape.length !== spec.length) return false;
  for (let axis = 0; axis < spec.length; axis++) if (spec[axis] !== -1 && spec[axis] !== shape[axis]) return false;
  return true;
}

interface HalfArray extends ArrayLike<number>, Iterable<number> {
  readonly buffer: ArrayBuffer;
}
const { Float16Array: HalfFloats } = globalThis as unknown as {
  Float16Array: { new (values: Iterable<number>): HalfArray; new (buffer: ArrayBufferLike, byteOffset: number, length: number): HalfArray };
};

/** The numbers behind raw 16-bit words of FP16. */
export function fromHalf(words: Uint16Array): number[] {
  return Array.from(new HalfFloats(words.buffer, words.byteOffset, words.length));
}

/** Numbers as raw 16-bit words of FP16. */
export function toHalf(values: Iterable<number>): Uint16Array {
  return new Uint16Array(new HalfFloats(values).buffer);
}

import type { TensorDatatype } from '@bascule/contracts';
import { takeRoom } from './stack-room.js';
import { allocate, arrayOf, rowLength, type Tensor, type TensorData } from './tensor.js';

/**
 * Stacks requests along the first axis, input by input; all have the same inputs in the same order. What `rooms` lists afterwards
 * is to be given back when the stack is not needed any more.
 */
export function stack(requests: readonly (readonly Tensor[])[], rooms?: ArrayBuffer[]): Tensor[] {
  const [first] = requests;
  if (!first) return [];
  if (requests.length === 1) return [...first];
  return first.map((template, position) => {
    let rows = 0;
    for (const request of requests) rows += (request[position] as Tensor).shape[0] ?? 0;
    const data = storage(template.datatype, rows * rowLength(template.shape), rooms);
    let offset = 0;
    for (const request of requests) {
      const part = (request[position] as Tensor).data;
      copyInto(data, part, offset);
      offset += part.length;
    }
    return withRows(template, rows, data);
  });
}

/** Cuts each tensor into pieces of the given numbers of rows, the reverse of `stack`. */
export function unstack(tensors: readonly Tensor[], rowCounts: readonly number[]): Tensor[][] {
  if (rowCounts.length === 1) return [[...tensors]];
  let from = 0;
  return rowCounts.map((rows) => {
    const piece = tensors.map((tensor) => rowsOf(tensor, from, rows));
    from += rows;
    return piece;
  });
}

function rowsOf(tensor: Tensor, from: number, rows: number): Tensor {
  const length = rowLength(tensor.shape);
  const data = tensor.data.slice(from * length, (from + rows) * length) as TensorData;
  return withRows(tensor, rows, data);
}

function withRows({ name, datatype, shape }: Tensor, rows: number, data: TensorData): Tensor {
  const axes = shape.slice();
  axes[0] = rows;
  return { name, datatype, shape: axes, data };
}

function storage(datatype: TensorDatatype, length: number, rooms: ArrayBuffer[] | undefined): TensorData {
  const ArrayType = rooms && arrayOf(datatype);
  const room = ArrayType && takeRoom(length * ArrayType.BYTES_PER_ELEMENT);
  if (!room) return allocate(datatype, length);
  rooms.push(room);
  return new ArrayType(room, 0, length);
}

function copyInto(target: TensorData, source: TensorData, offset: number): void {
  if (Array.isArray(target)) for (let index = 0; index < source.length; index++) target[offset + index] = source[index] as string;
  else (target as Float32Array).set(source as Float32Array, offset);
}

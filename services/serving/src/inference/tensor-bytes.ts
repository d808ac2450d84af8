import type { TensorDatatype } from '@bascule/contracts';
import { arrayOf, type TensorData } from './tensor.js';

/** Raw form of the protocol: little-endian, row-major; each BYTES element behind its length as four bytes. */
export function bytesOf(data: TensorData): Buffer {
  if (!Array.isArray(data)) return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const lengths = data.map((text) => Buffer.byteLength(text));
  const bytes = Buffer.allocUnsafe(lengths.reduce((sum, length) => sum + 4 + length, 0));
  let offset = 0;
  data.forEach((text, index) => {
    offset = bytes.writeUInt32LE(lengths[index] as number, offset);
    offset += bytes.write(text, offset);
  });
  return bytes;
}

/** Reads the raw form; answers a sentence when the bytes do not hold `count` elements. */
export function dataFromBytes(datatype: TensorDatatype, count: number, bytes: Uint8Array): TensorData | string {
  const ArrayType = arrayOf(datatype);
  if (!ArrayType) return textsFromBytes(count, bytes);
  const needed = count * ArrayType.BYTES_PER_ELEMENT;
  if (bytes.byteLength !== needed) return `${bytes.byteLength} raw bytes, ${count} elements of ${datatype} need ${needed}`;
  // typed arrays need an aligned start, which a slice of a frame does not have
  const aligned = new Uint8Array(needed);
  aligned.set(bytes);
  return new ArrayType(aligned.buffer, 0, count);
}

function textsFromBytes(count: number, bytes: Uint8Array): string[] | string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const texts: string[] = [];
  let offset = 0;
  while (offset < buffer.length) {
    if (offset + 4 > buffer.length) return `raw BYTES end within a length at byte ${offset}`;
    const length = buffer.readUInt32LE(offset);
    offset += 4;
    if (offset + length > buffer.length) return `raw BYTES end within element ${texts.length}`;
    texts.push(buffer.toString('utf8', offset, offset + length));
    offset += length;
  }
  return texts.length === count ? texts : `raw BYTES hold ${texts.length} elements, the shape needs ${count}`;
}

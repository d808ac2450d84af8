import { isUtf8 } from 'node:buffer';
import type { TensorDatatype } from '@bascule/contracts';
import { textFault } from './client-text.js';
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

/**
 * Reads the raw form; answers a sentence when the bytes do not hold `count` elements. Numbers are a view of the bytes
 * where their start is aligned, and a copy elsewhere.
 */
export function dataFromBytes(datatype: TensorDatatype, count: number, bytes: Uint8Array): TensorData | string {
  const ArrayType = arrayOf(datatype);
  if (!ArrayType) return textsFromBytes(count, bytes, false);
  const needed = count * ArrayType.BYTES_PER_ELEMENT;
  if (bytes.byteLength !== needed) return `${bytes.byteLength} raw bytes, ${count} elements of ${datatype} need ${needed}`;
  const isAligned = bytes.byteOffset % ArrayType.BYTES_PER_ELEMENT === 0;
  return isAligned ? new ArrayType(bytes.buffer, bytes.byteOffset, count) : new ArrayType(new Uint8Array(bytes).buffer, 0, count);
}

/** The same for bytes that a client sent: texts must be UTF-8 and carried unchanged, flags must be 0 or 1. */
export function dataFromClientBytes(datatype: TensorDatatype, count: number, bytes: Uint8Array): TensorData | string {
  if (datatype === 'BYTES') return textsFromBytes(count, bytes, true);
  const data = dataFromBytes(datatype, count, bytes);
  if (datatype !== 'BOOL' || typeof data === 'string') return data;
  const odd = (data as Uint8Array).findIndex((cell) => cell > 1);
  return odd < 0 ? data : `element ${odd} is ${data[odd]}, which is no BOOL`;
}

/** A client's text as it stands in the bytes; a sentence in `fault` when it could not be carried unchanged. */
export function textFromBytes(bytes: Uint8Array): { text: string } | { fault: string } {
  if (!isUtf8(bytes)) return { fault: 'is not UTF-8, the only text that the runtime carries' };
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  const fault = textFault(text);
  return fault === undefined ? { text } : { fault };
}

function textsFromBytes(count: number, bytes: Uint8Array, isStrict: boolean): string[] | string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const texts: string[] = [];
  let offset = 0;
  while (offset < buffer.length) {
    if (offset + 4 > buffer.length) return `raw BYTES end within a length at byte ${offset}`;
    const length = buffer.readUInt32LE(offset);
    offset += 4;
    if (offset + length > buffer.length) return `raw BYTES end within element ${texts.length}`;
    if (texts.length === count) return `raw BYTES hold more than the ${count} elements of the shape`;
    const part = buffer.subarray(offset, offset + length);
    const read = isStrict ? textFromBytes(part) : { text: part.toString('utf8') };
    if ('fault' in read) return `element ${texts.length} ${read.fault}`;
    texts.push(read.text);
    offset += length;
  }
  return texts.length === count ? texts : `raw BYTES hold ${texts.length} elements, the shape needs ${count}`;
}

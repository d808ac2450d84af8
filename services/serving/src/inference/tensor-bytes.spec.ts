import { describe, expect, it } from 'vitest';
import { bytesOf, dataFromBytes, dataFromClientBytes } from './tensor-bytes.js';

const texts = (...parts: Buffer[]) => Buffer.concat(parts.flatMap((part) => [Buffer.from(Uint32Array.of(part.length).buffer), part]));

describe('the raw form of a tensor', () => {
  it('is read without a copy where it begins at a multiple of its element', () => {
    const memory = Buffer.from(new ArrayBuffer(64));
    memory.writeFloatLE(1.5, 8);
    memory.writeFloatLE(2.5, 13);
    const view = dataFromBytes('FP32', 1, memory.subarray(8, 12)) as Float32Array;
    expect([view[0], view.buffer === memory.buffer]).toEqual([1.5, true]);
    const copy = dataFromBytes('FP32', 1, memory.subarray(13, 17)) as Float32Array;
    expect([copy[0], copy.buffer === memory.buffer]).toEqual([2.5, false]);
  });

  it.each([
    ['too few bytes', 'FP64', 2, Buffer.alloc(15), '15 raw bytes, 2 elements of FP64 need 16'],
    ['too many bytes', 'INT8', 2, Buffer.alloc(3), '3 raw bytes, 2 elements of INT8 need 2'],
    ['a flag that is neither', 'BOOL', 2, Buffer.of(1, 2), 'element 1 is 2, which is no BOOL'],
    ['half of a length', 'BYTES', 1, Buffer.of(1, 0), 'raw BYTES end within a length at byte 0'],
    ['half of a text', 'BYTES', 1, Buffer.of(5, 0, 0, 0, 65), 'raw BYTES end within element 0'],
    ['too few texts', 'BYTES', 2, texts(Buffer.from('a')), 'raw BYTES hold 1 elements, the shape needs 2'],
    ['too many texts', 'BYTES', 1, texts(Buffer.from('a'), Buffer.from('b')), 'raw BYTES hold more than the 1 elements of the shape'],
    ['a length of four gigabytes', 'BYTES', 1, Buffer.of(255, 255, 255, 255), 'raw BYTES end within element 0'],
    ['a text with a NUL', 'BYTES', 1, texts(Buffer.from('a\0')), 'element 0 holds a NUL character'],
  ] as const)('is refused with %s', (_case, datatype, count, bytes, reason) => {
    expect(dataFromClientBytes(datatype, count, bytes)).toBe(reason);
  });

  it('is written as it is read', () => {
    const all = texts(Buffer.from(''), Buffer.from('\ufeffß日'));
    expect(bytesOf(dataFromClientBytes('BYTES', 2, all) as string[])).toEqual(all);
  });
});

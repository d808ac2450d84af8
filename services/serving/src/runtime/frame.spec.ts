import assert from 'node:assert/strict';
import { describe, it } from 'vitest';
import type { Tensor } from '../inference/tensor.js';
import { encodeFrame, type Frame, FrameReader, packTensors, unpackTensors } from './frame.js';

const tensorsOf = (seed: number, length: number): Tensor[] => [
  { name: 'flags', datatype: 'BOOL', shape: [3], data: Uint8Array.of(1, 0, 1) },
  { name: 'text', datatype: 'BYTES', shape: [2], data: ['é', `text ${seed}`] },
  { name: 'x', datatype: 'FP64', shape: [length], data: Float64Array.from({ length }, (_, index) => seed + index) },
];
const bytesOf = (id: number, tensors: readonly Tensor[]) => {
  const { headers, body } = packTensors(tensors);
  return Buffer.concat(encodeFrame(id, { kind: 'run', model: `modèle ${id}`, outputs: ['y'], tensors: headers }, body));
};
const tensorsIn = ({ header, body }: Frame) => unpackTensors(header.kind === 'run' ? header.tensors : [], body);

describe('frames between the gateway and a model process', () => {
  it.each([1, 7, 4_099, 65_536, 10_000_000])('come out whole when they arrive in pieces of %i bytes', (size) => {
    const sent = [tensorsOf(1, 2), tensorsOf(2, 5_000), tensorsOf(3, 0), tensorsOf(4, 6_000), tensorsOf(5, 1)];
    const stream = Buffer.concat(sent.map((tensors, index) => bytesOf(index, tensors)));
    const reader = new FrameReader();
    const frames: Frame[] = [];
    for (let at = 0; at < stream.length; at += size) frames.push(...reader.push(Buffer.from(stream.subarray(at, at + size))));
    assert.deepEqual(frames.map(tensorsIn), sent);
    assert.deepEqual(
      frames.map(({ id }) => id),
      [0, 1, 2, 3, 4],
    );
  });

  it('are read in place when they are large: each tensor starts at an aligned address', () => {
    const bytes = bytesOf(1, tensorsOf(1, 20_000));
    const reader = new FrameReader();
    const frame = [...reader.push(bytes.subarray(0, 5_001)), ...reader.push(bytes.subarray(5_001))][0] as Frame;
    const { data } = tensorsIn(frame)[2] as Tensor;
    assert.equal((data as Float64Array).buffer, frame.body.buffer);
  });

  it('use the memory of a frame again only once it was given back', () => {
    const reader = new FrameReader();
    const read = (seed: number) => {
      const bytes = bytesOf(seed, tensorsOf(seed, 20_000));
      return [...reader.push(bytes.subarray(0, 100)), ...reader.push(bytes.subarray(100))][0] as Frame;
    };
    const [first, second] = [read(1), read(2)];
    assert.deepEqual(tensorsIn(first), tensorsOf(1, 20_000));
    reader.recycle(first);
    reader.recycle(first);
    const [third, fourth] = [read(3), read(4)];
    assert.equal(third.body.buffer, first.body.buffer);
    assert.deepEqual([second, third, fourth].map(tensorsIn), [tensorsOf(2, 20_000), tensorsOf(3, 20_000), tensorsOf(4, 20_000)]);
  });
});

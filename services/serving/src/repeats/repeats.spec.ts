import { newId } from '@bascule/platform';
import { describe, expect, it } from 'vitest';
import type { Tensor } from '../inference/tensor.js';
import { inferenceFingerprint, jsonFingerprint } from './fingerprint.js';
import { repeatablePredictionId } from './prediction-ids.js';
import { decodeEntry, encodeEntry } from './repeat-entry.js';
import { tensorCodec } from './stored-answer.js';

const seed = newId();
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe('prediction ids of a repeatable call', () => {
  it('follow from claim, version and row alone, and are UUIDs of version 7', () => {
    const ids = [0, 1, 2].flatMap((row) => [1, 2].map((version) => repeatablePredictionId(seed, version, row)));
    expect(new Set(ids).size).toBe(6);
    for (const id of ids) expect(id).toMatch(uuid);
    expect(repeatablePredictionId(seed, 2, 1)).toBe(ids[3]);
    expect(repeatablePredictionId(newId(), 1, 0)).not.toBe(ids[0]);
  });

  it('carry the time of the claim', () => expect(repeatablePredictionId(seed, 1, 0).slice(0, 13)).toBe(seed.slice(0, 13)));
});

describe('the fingerprint of a request', () => {
  const x: Tensor = { name: 'x', datatype: 'FP32', shape: [2], data: new Float32Array([1, 2]) };
  const of = (inputs: Tensor[], version?: string) => inferenceFingerprint({ parameters: {}, inputs, outputs: [] }, version, undefined);

  it('is the same for the same tensors, and another for everything that changes the answer', () => {
    expect(of([{ ...x, data: new Float32Array([1, 2]) }])).toBe(of([x]));
    const others = [of([x], '2'), of([{ ...x, shape: [1, 2] }]), of([{ ...x, name: 'y' }]), of([{ ...x, data: new Float32Array([1, 3]) }])];
    expect(new Set([of([x]), ...others]).size).toBe(5);
  });

  it('tells integers apart that a double cannot', () => {
    expect(jsonFingerprint('records', [2n ** 53n + 1n])).not.toBe(jsonFingerprint('records', [2n ** 53n]));
  });
});

describe('what the bucket holds', () => {
  it('gives back every tensor bit by bit', () => {
    const outputs: Tensor[] = [
      { name: 'größe', datatype: 'FP32', shape: [3], data: new Float32Array([Number.NaN, -0, Infinity]) },
      { name: 'n', datatype: 'INT64', shape: [1], data: new BigInt64Array([2n ** 62n]) },
      { name: 'text', datatype: 'BYTES', shape: [2], data: ['a\nb', '😀'] },
      { name: 'none', datatype: 'FP64', shape: [0, 2], data: new Float64Array(0) },
    ];
    const codec = tensorCodec<{ outputs: readonly Tensor[]; id: string }>();
    const answer = codec.encode({ outputs, id: 'x' });
    const entry = { state: 'answered', fingerprint: 'f', seed, claimedAtMs: 1, owner: seed, answer } as const;
    const read = decodeEntry(encodeEntry(entry));
    expect(read).toMatchObject({ state: 'answered', seed });
    expect(codec.decode(read.answer)).toEqual({ outputs, id: 'x' });
  });
});

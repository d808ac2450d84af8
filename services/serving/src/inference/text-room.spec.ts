import assert from 'node:assert/strict';
import { it } from 'vitest';
import { readBody } from './inference-bodies.js';
import { inferenceLimits } from './inference-limits.js';
import { inferenceReply } from './inference-reply.js';
import type { Tensor } from './tensor.js';
import { dataToText } from './tensor-to-json.js';

const { textElements } = inferenceLimits;
const answer = (count: number, more: Tensor[] = []) => ({
  modelName: 'm',
  modelVersion: '1',
  predictionId: 'p',
  // refused by its shape: there is no data to be looked at
  outputs: [{ name: 'y', datatype: 'FP32' as const, shape: [1, count], data: new Float32Array(0) }, ...more],
});
const form = { gzipMinBytes: Number.POSITIVE_INFINITY, acceptEncoding: undefined };

it('writes no more elements as text than memory is kept for, whichever output they belong to', () => {
  const one: Tensor = { name: 'z', datatype: 'FP32', shape: [1], data: new Float32Array(1) };
  const tooLarge = { code: 'serving.answer_too_large', status: 400 };
  assert.throws(() => inferenceReply(answer(textElements, [one]), form), tooLarge);
  const binary = { byDefault: true, named: new Map([['y', false]]) };
  assert.throws(() => inferenceReply(answer(textElements + 1), { ...form, binary }), tooLarge);
  inferenceReply(answer(textElements), form);
  inferenceReply(answer(textElements * 4), { ...form, binary: { ...binary, named: new Map() } });
});

it('reads no JSON beyond its limit, alone or in front of raw tensors', () => {
  const json = Buffer.from('{"a":[1,1,1]}');
  assert.deepEqual(readBody(json, undefined, json.length), { a: [1, 1, 1] });
  const raw = Buffer.concat([json, Buffer.alloc(100)]);
  const codes = [readBody(json, undefined, 12), readBody(raw, '13', 12)].map((error) => (error as { code?: string }).code);
  assert.deepEqual(codes, ['serving.json_body_too_large', 'serving.json_body_too_large']);
  assert.ok(!(readBody(raw, '13', 13) instanceof Error));
});

it('writes many numbers in pieces as it writes few', () => {
  const data = Float64Array.from({ length: 40_000 }, (_, at) => (at % 7 === 0 ? Number.NaN : at / 8));
  assert.deepEqual(
    JSON.parse(dataToText('FP64', data)),
    Array.from(data, (cell) => (Number.isNaN(cell) ? null : cell)),
  );
});

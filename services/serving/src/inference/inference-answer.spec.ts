import assert from 'node:assert/strict';
import { it } from 'vitest';
import { inferenceJson, inferenceJsonInTurns } from './inference-answer.js';
import type { Tensor } from './tensor.js';

const answer = (...outputs: Tensor[]) => ({ modelName: 'm', modelVersion: '3', predictionId: 'p-1', outputs });

it('writes JSON whatever names and texts hold', () => {
  const odd = 'a "quoted"\n\\ \u2028 name 名';
  const tensor: Tensor = { name: odd, datatype: 'BYTES', shape: [2], data: [odd, ''] };
  const parsed = JSON.parse(inferenceJson({ ...answer(tensor), id: odd, predictionId: odd, receipt: odd }));
  assert.deepEqual(parsed, {
    model_name: 'm',
    model_version: '3',
    id: odd,
    parameters: { prediction_id: odd, receipt: odd },
    outputs: [{ name: odd, datatype: 'BYTES', shape: [2], data: [odd, ''] }],
  });
});

it('writes numbers as they are, and by rule what JSON has no number for', () => {
  const reals = [0.1, -0, 0, 1e21, 5e-324, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const text = inferenceJson(
    answer(
      { name: 'd', datatype: 'FP64', shape: [8], data: Float64Array.from(reals) },
      { name: 'i', datatype: 'INT64', shape: [1], data: BigInt64Array.of(2n ** 63n - 1n) },
      { name: 'b', datatype: 'BOOL', shape: [2], data: Uint8Array.of(0, 1) },
      { name: 'none', datatype: 'FP32', shape: [0, 4], data: new Float32Array(0) },
    ),
  );
  assert.equal(
    text,
    '{"model_name":"m","model_version":"3","parameters":{"prediction_id":"p-1"},"outputs":[' +
      '{"name":"d","datatype":"FP64","shape":[8],"data":[0.1,-0.0,0,1e+21,5e-324,null,1e999,-1e999]},' +
      '{"name":"i","datatype":"INT64","shape":[1],"data":[9223372036854775807]},' +
      '{"name":"b","datatype":"BOOL","shape":[2],"data":[false,true]},' +
      '{"name":"none","datatype":"FP32","shape":[0,4],"data":[]}]}',
  );
});

it('writes a long answer as it does a short one, while others are answered', async () => {
  const length = 70_001;
  const reals = Float32Array.from({ length }, (_, index) => (index % 97 === 0 ? Number.NaN : index / 7));
  const long = answer(
    { name: 'f', datatype: 'FP32', shape: [length], data: reals },
    { name: 'i', datatype: 'INT64', shape: [length], data: BigInt64Array.from(reals, (_, index) => 2n ** 62n + BigInt(index)) },
    { name: 't', datatype: 'BYTES', shape: [length], data: Array.from({ length }, (_, index) => `größe "${index}"`) },
    { name: 'none', datatype: 'BOOL', shape: [0], data: new Uint8Array(0) },
  );
  const turns: string[] = [];
  const written = inferenceJsonInTurns(long)?.then((body) => {
    turns.push('answer');
    return body.toString();
  });
  setImmediate(() => turns.push('other'));
  assert.equal(await written, inferenceJson(long));
  assert.deepEqual(turns, ['other', 'answer']);
  assert.equal(inferenceJsonInTurns(answer({ name: 'f', datatype: 'FP32', shape: [2], data: new Float32Array(2) })), undefined);
});

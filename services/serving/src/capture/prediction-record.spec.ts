import assert from 'node:assert/strict';
import type { RoutedVersion, TensorDatatype } from '@bascule/contracts';
import { decodePredictionBlock, plainOf, Role } from '@bascule/proto';
import { describe, it } from 'vitest';
import type { Tensor, TensorData } from '../inference/tensor.js';
import { toHalf } from '../inference/tensor.js';
import { FieldWriter } from './field-writer.js';
import { type Answered, blockHeader, modelSchemaOf, type RowContent, writeModel, writePrediction } from './prediction-record.js';

const id = (n: number) => `0190a1b2-0000-7000-8000-${String(n).padStart(12, '0')}`;

function answered(inputs: readonly Tensor[], some: Partial<Answered> = {}): Answered {
  const signature = { inputs: inputs.map(({ name, datatype, shape }) => ({ name, datatype, shape: [...shape] })), outputs: [] };
  const routed = {
    version: 3,
    artifactDigest: 'd',
    artifactSizeBytes: 1,
    signature,
    percent: 100,
    role: 'champion',
  } as unknown as RoutedVersion;
  return {
    loaded: { modelName: 'm', routed, runtime: 'onnxruntime-node 1', isBatched: true },
    role: 'champion',
    predictionIds: [id(0), id(1), id(2)],
    requestId: 'request',
    keyId: 'key',
    receivedAtMs: 1_700_000_000_123,
    latencyUs: 4_000_000_000,
    traceparent: '',
    rolloutId: '',
    records: { clientRecordIds: ['a', '', 'ü\ud800 claim'], occurredAtMs: [0, -2_208_988_800_000, 5] },
    inputs,
    outputs: [],
    ...some,
  };
}

/** Writes a block of these rows and reads it with the generated decoder. */
function written(from: Answered, rows: readonly number[], content: RowContent = 'values') {
  const writer = new FieldWriter(16);
  writeModel(writer, modelSchemaOf(from.loaded, 'cpu of a kind'));
  for (const row of rows) writePrediction(writer, from, row, 0, content);
  const header = blockHeader({ producer: 'p', sequence: 2 ** 40, rows: rows.length, dropped: 0, runtime: 'r', rowsBefore: 0 });
  return decodePredictionBlock(Buffer.concat([header, writer.bytes.subarray(0, writer.length)]));
}

const column = (datatype: TensorDatatype, data: TensorData, width = 1): Tensor => ({
  name: datatype,
  datatype,
  shape: width === 1 ? [data.length] : [data.length / width, width],
  data,
});

describe('a captured row, written by hand', () => {
  it('reads back with the generated decoder: who, when, which', () => {
    const from = answered([], { traceparent: '00-a-b-01', rolloutId: 'rollout', role: 'shadow', shadowOf: [id(7), id(8), id(9)] });
    const [first, second, third] = written(from, [0, 1, 2]).predictions;
    assert.deepEqual(
      { ...first, $typeName: undefined },
      {
        $typeName: undefined,
        predictionId: id(0),
        requestId: 'request',
        clientRecordId: 'a',
        keyId: 'key',
        model: 0,
        occurredAtMs: 0n,
        receivedAtMs: 1_700_000_000_123n,
        latencyUs: 4_000_000_000,
        inputs: [],
        outputs: [],
        traceparent: '00-a-b-01',
        rolloutId: 'rollout',
        role: Role.SHADOW,
        shadowOf: id(7),
        inputsHash: new Uint8Array(),
        outputsHash: new Uint8Array(),
        predictionUuid: new Uint8Array(),
        requestUuid: new Uint8Array(),
        trace: new Uint8Array(),
      },
    );
    assert.equal(second?.occurredAtMs, -2_208_988_800_000n);
    assert.equal(third?.clientRecordId, 'ü\uFFFD claim');
  });

  it('writes ids and traces in few bytes where they have their usual form, and as they are otherwise', () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const sizeOf = (requestId: string, trace: string) => {
      const from = answered([], { requestId, traceparent: trace });
      const [row] = written(from, [0]).predictions;
      assert.deepEqual([row?.predictionId, row?.requestId, row?.traceparent], [id(0), requestId, trace]);
      const writer = new FieldWriter(16);
      writePrediction(writer, from, 0, 0, 'values');
      return writer.length;
    };
    const usual = sizeOf(id(5), traceparent);
    assert.equal(sizeOf(`${id(5).slice(0, -1)}f`, traceparent), usual);
    for (const odd of ['F', 'g', '-', 'é', '\uff11', '']) {
      assert.ok(sizeOf(id(5).slice(0, -1) + odd, traceparent) > usual, odd);
      assert.ok(sizeOf(id(5), traceparent.slice(0, -1) + odd) > usual, odd);
    }
    assert.ok(sizeOf(id(5).replace('-', '0'), traceparent) > usual);
    assert.ok(sizeOf(id(5), traceparent.replace('00-', '01-')) > usual);
  });

  it('carries every datatype as it was, the smallest and the largest', () => {
    const tensors = [
      column('BOOL', new Uint8Array([0, 1, 1])),
      column('INT8', new Int8Array([-128, 0, 127])),
      column('UINT32', new Uint32Array([0, 2 ** 31, 2 ** 32 - 1])),
      column('INT64', new BigInt64Array([-(2n ** 63n), -1n, 2n ** 63n - 1n])),
      column('UINT64', new BigUint64Array([0n, 2n ** 53n + 1n, 2n ** 64n - 1n])),
      column('FP16', toHalf([0.5, -0, Number.NaN])),
      column('FP32', new Float32Array([0, Math.fround(0.1), -Infinity])),
      column('FP64', new Float64Array([5e-324, Number.NaN, 1.7976931348623157e308])),
      column('BYTES', ['', 'é'.repeat(200), 'a\0"b']),
    ];
    const rows = written(answered(tensors), [0, 1, 2]).predictions.map(({ inputs }) => inputs.map(plainOf));
    assert.deepEqual(rows, [
      [false, -128, 0, '-9223372036854775808', 0, 0.5, 0, 5e-324, ''],
      [true, 0, 2 ** 31, -1, '9007199254740993', -0, Math.fround(0.1), null, 'é'.repeat(200)],
      [true, 127, 2 ** 32 - 1, '9223372036854775807', 2 ** 64, null, '-Infinity', 1.7976931348623157e308, 'a\0"b'],
    ]);
  });

  it('carries whole numbers of every length', () => {
    const numbers = Array.from({ length: 54 }, (_, bits) => [2 ** bits - 1, Math.min(2 ** bits, Number.MAX_SAFE_INTEGER)]).flat();
    const predictionIds = numbers.map((_, row) => id(row));
    const from = answered([column('UINT64', BigUint64Array.from(numbers, BigInt))], { predictionIds });
    const { predictions } = written(from, [...numbers.keys()]);
    assert.deepEqual(
      predictions.map(({ inputs }) => plainOf(inputs[0])),
      numbers,
    );
  });

  it('carries rows of several columns, none, and whole tensors where there is no batch', () => {
    const wide = [
      column('FP32', new Float32Array([1, 2, Number.NaN, 4, 5, 6]), 2),
      column('INT64', new BigInt64Array(600).fill(-3n), 200),
      column('BYTES', ['a', 'b', 'c', 'd', 'e', 'f'], 2),
      { name: 'none', datatype: 'FP32', shape: [3, 0], data: new Float32Array() } as const,
    ];
    const [, second] = written(answered(wide), [0, 1]).predictions;
    assert.deepEqual(second?.inputs.map(plainOf), [['NaN', 4], new Array(200).fill(-3), '["c","d"]', []]);
    const whole = answered(wide, { predictionIds: [id(0)] });
    const [only] = written({ ...whole, loaded: { ...whole.loaded, isBatched: false } }, [0]).predictions;
    assert.deepEqual(plainOf(only?.inputs[0]), [1, 2, 'NaN', 4, 5, 6]);
  });

  it('says where it was computed, and holds hashes where no values are to be kept', () => {
    const hashes = { inputs: new Uint8Array(32).fill(1), outputs: new Uint8Array(32).fill(2) };
    const block = written(answered([column('FP32', new Float32Array([1, 2, 3]))]), [0], hashes);
    const [model] = block.models;
    assert.deepEqual([model?.runtime, model?.provider, model?.processor], ['onnxruntime-node 1', 'cpu', 'cpu of a kind']);
    const [row] = block.predictions;
    assert.deepEqual(row?.inputs, []);
    assert.deepEqual([...(row?.inputsHash ?? []), ...(row?.outputsHash ?? [])], [...hashes.inputs, ...hashes.outputs]);
    assert.deepEqual([block.sequence, block.rowsBefore], [2n ** 40n, 0n]);
  });
});

import assert from 'node:assert/strict';
import { create, toBinary } from '@bufbuild/protobuf';
import { describe, it } from 'vitest';
import { PredictionBlockSchema } from './generated/prediction/v1/prediction_pb.js';
import { plainOf } from './plain-value.js';
import { decodePredictionBlock } from './prediction-block.js';

const uuid = '0190a1b2-c3d4-7e5f-8a6b-0c1d2e3f4a5b';
const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const numbers = (values: number[], singles: number[] = []) => ({ kind: { case: 'numbers' as const, value: { values, singles } } });
const bytes = (hex: string) => new Uint8Array(Buffer.from(hex.replaceAll('-', ''), 'hex'));
const read = (predictions: object[]) =>
  decodePredictionBlock(toBinary(PredictionBlockSchema, create(PredictionBlockSchema, { predictions } as never))).predictions;

describe('a block of predictions', () => {
  it('reads alike in the words of earlier gateways and in fewer bytes', () => {
    const inputs = [Math.fround(0.1), -0, 3];
    const [earlier, later] = read([
      { predictionId: uuid, requestId: uuid, traceparent, inputs: [numbers(inputs)], outputs: [numbers([1, 2])] },
      {
        predictionUuid: bytes(uuid),
        requestUuid: bytes(uuid),
        trace: bytes(traceparent.slice(3)),
        inputs: [numbers([], inputs)],
        outputs: [numbers([], [1, 2])],
      },
    ]);
    assert.equal(earlier?.predictionId, uuid);
    assert.deepEqual(later, earlier);
  });

  it('keeps ids and traces that are written in another way', () => {
    const [row] = read([{ predictionId: 'a', requestId: 'claim 7', traceparent: '00-x' }]);
    assert.deepEqual([row?.predictionId, row?.requestId, row?.traceparent], ['a', 'claim 7', '00-x']);
  });

  it('keeps infinities and what is no number of 32 bits', () => {
    const [row] = read([{ inputs: [numbers([], [Number.NaN, Infinity, -Infinity])] }]);
    assert.deepEqual(row?.inputs.map(plainOf), [['NaN', 'Infinity', '-Infinity']]);
  });
});

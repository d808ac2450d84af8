import { PredictionBlockSchema, PredictionSchema } from '@bascule/proto';
import { fromBinary } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { blockOf, shot } from '../../test/blocks.js';
import { plainOf, toRow } from './prediction-row.js';

const rowOf = (some: Parameters<typeof shot>[0]) => {
  const block = fromBinary(PredictionBlockSchema, blockOf([shot(some)]));
  return toRow(block.predictions[0]!, block.models);
};

describe('a captured prediction', () => {
  it('counts empty text, NaN and nothing as missing', () => {
    const { cells } = rowOf({ features: { a: '', b: Number.NaN, c: null, d: 'Climb', e: 0 } });
    expect(cells).toEqual([
      ['a', undefined],
      ['b', undefined],
      ['c', undefined],
      ['d', 'Climb'],
      ['e', 0],
    ]);
  });

  it('scores by the probability of the last class', () => expect(rowOf({ score: 0.3 }).score).toBeCloseTo(0.3, 9));

  it('has no score when the answer is no probability', () => {
    expect(rowOf({ score: Number.NaN }).score).toBeNull();
    expect(rowOf({ score: 1.5 }).score).toBeNull();
  });

  it('keeps inputs and outputs as they came, and nothing twice', () => {
    const kept = fromBinary(PredictionSchema, rowOf({ features: { phase: 'Climb' }, clientRecordId: 'claim-1' }).payload);
    expect(kept.inputs.map(plainOf)).toEqual(['Climb']);
    expect(plainOf(kept.outputs[1])).toEqual([0.8, 0.2]);
    expect(kept.clientRecordId).toBe('');
  });

  it('outside a rollout and without a record of the client has neither', () => {
    expect(rowOf({})).toMatchObject({ clientRecordId: null, rolloutId: null });
  });
});

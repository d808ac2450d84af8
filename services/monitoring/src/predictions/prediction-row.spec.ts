import { NumbersSchema, PredictionBlockSchema, PredictionSchema, plainOf, ValueSchema } from '@bascule/proto';
import { create, fromBinary } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { blockOf, shot } from '../../test/blocks.js';
import { toRow } from './prediction-row.js';

const rowOf = (some: Parameters<typeof shot>[0]) => {
  const block = fromBinary(PredictionBlockSchema, blockOf([shot(some)]));
  return toRow(block.predictions[0]!, block.models[0]!);
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

  it('shows what JSON has no number for as the model saw it; only what was not there is null', () => {
    const shown = (value: number | null) => {
      const { inputs } = fromBinary(PredictionSchema, rowOf({ features: { x: value } }).payload);
      return plainOf(inputs[0]);
    };
    expect([Infinity, -Infinity, Number.NaN, null].map(shown)).toEqual(['Infinity', '-Infinity', 'NaN', null]);
    const kind = { case: 'integer', value: 2n ** 60n } as const;
    expect(plainOf(create(ValueSchema, { kind }))).toBe('1152921504606846976');
    const numbers = create(NumbersSchema, { values: [0.5, Infinity] });
    expect(plainOf(create(ValueSchema, { kind: { case: 'numbers', value: numbers } }))).toEqual([0.5, 'Infinity']);
  });

  it('keeps a record id that cannot be stored in its payload, beside one that can', () => {
    const { clientRecordId, payload } = rowOf({ clientRecordId: 'a\0b' });
    expect(clientRecordId).toBe('a\uFFFDb');
    expect(fromBinary(PredictionSchema, payload).clientRecordId).toBe('a\0b');
  });

  it('outside a rollout and without a record of the client has neither', () => {
    expect(rowOf({})).toMatchObject({ clientRecordId: null, rolloutId: null });
  });
});

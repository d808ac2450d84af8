import { PredictionBlockSchema } from '@bascule/proto';
import { fromBinary } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { blockOf, shot } from '../../test/blocks.js';
import { storableSchema, storableText, unstorableReason } from './storable.js';

const reasonFor = (some: Parameters<typeof shot>[0], change: { model?: number; receivedAtMs?: bigint } = {}) => {
  const { predictions, models } = fromBinary(PredictionBlockSchema, blockOf([shot(some)]));
  return unstorableReason({ ...predictions[0]!, ...change }, models);
};

describe('what PostgreSQL cannot hold', () => {
  it('is replaced in text, never left out', () => {
    expect(storableText('a\0b')).toBe('a\uFFFDb');
    expect(storableText('a\ud800')).toBe('a\uFFFD');
    expect(storableText('a\u{1F600}')).toBe('a\u{1F600}');
  });

  it('is replaced in the names of columns', () => {
    const { models } = fromBinary(PredictionBlockSchema, blockOf([shot({ features: { 'x\0': 1 } })]));
    expect(storableSchema(models[0]!).inputNames).toEqual(['x\uFFFD']);
  });

  it.each([
    ['a prediction id that is none', reasonFor({ id: 'nope' }), /prediction id/],
    ['a rollout id that is none', reasonFor({ rolloutId: 'nope' }), /rollout id/],
    ['a time before 1900', reasonFor({ occurredAt: '0001-01-01T00:00:00Z' }), /occurred at/],
    ['a time after 9998', reasonFor({ occurredAt: '9999-12-31T00:00:00Z' }), /occurred at/],
    ['a time that is none', reasonFor({}, { receivedAtMs: 2n ** 62n }), /received at/],
    ['a version past all versions', reasonFor({ version: 2 ** 31 }), /version/],
    ['a model that its block does not name', reasonFor({}, { model: 7 }), /model 7 of 1/],
  ])('is named: %s', (_case, reason, expected) => expect(reason).toMatch(expected));

  it('is nothing in a sound row', () => expect(reasonFor({})).toBeUndefined());
});

import { LabelledPredictionSchema, ModelSchemaSchema } from '@bascule/proto';
import { create } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { isDue } from './flush-policy.js';
import { recordOf } from './map-labelled.js';

const model = create(ModelSchemaSchema, { modelName: 'm', modelVersion: 1, inputNames: ['size', 'speed', 'count', 'day', 'late'] });
const labelled = create(LabelledPredictionSchema, {
  prediction: {
    predictionId: '0198c0de-0000-7000-8000-000000000000',
    clientRecordId: 'C-1',
    occurredAtMs: BigInt(Date.UTC(1995, 4, 6)),
    inputs: [
      { kind: { case: 'text', value: '' } },
      { kind: { case: 'number', value: Number.NaN } },
      { kind: { case: 'integer', value: 3n } },
      { kind: { case: 'flag', value: true } },
    ],
  },
  label: 1,
  revision: 1,
});

describe('recordOf', () => {
  it('names inputs, id, time and label as the dataset does; NaN, empty text and absent values are missing', () => {
    const mapping = { labelColumn: 'damaged', idColumn: 'claim', idFrom: 'client_record_id', timeColumn: 'at' } as const;
    expect(recordOf(labelled, model, mapping)).toEqual({
      ...{ size: null, speed: null, count: 3, day: true, late: null },
      ...{ claim: 'C-1', at: '1995-05-06T00:00:00.000Z', damaged: 1 },
    });
  });

  it('can take the prediction as the identity', () => {
    const mapping = { labelColumn: 'y', idColumn: 'id', idFrom: 'prediction_id', timeColumn: null } as const;
    expect(recordOf(labelled, model, mapping)).toMatchObject({ id: '0198c0de-0000-7000-8000-000000000000', y: 1 });
  });
});

describe('isDue', () => {
  const limits = { publishAfterRows: 1000, publishAfterSeconds: 20 };
  it.each([
    [0, 0, false],
    [999, 19, false],
    [1000, 0, true],
    [1, 20, true],
  ])('%i rows after %i seconds: %s', (count, oldestSeconds, due) => expect(isDue({ count, oldestSeconds }, limits)).toBe(due));
});

describe('a time that no calendar here has', () => {
  const mapping = { labelColumn: 'y', idColumn: null, idFrom: 'prediction_id', timeColumn: 'at' } as const;
  const at = (occurredAtMs: bigint) => create(LabelledPredictionSchema, { prediction: { predictionId: 'p', occurredAtMs }, label: 1 });

  it('is no time', () => {
    for (const ms of [2n ** 62n, -(2n ** 60n), -(10n ** 14n)]) expect(recordOf(at(ms), model, mapping)).toMatchObject({ at: null });
    expect(recordOf(at(0n), model, mapping)).toMatchObject({ at: '1970-01-01T00:00:00.000Z' });
  });
});

import { describe, expect, it } from 'vitest';
import { correctRecord } from './correct-record.js';
import { resubmitBody } from './quarantine.schema.js';

const body = (change: object) => resubmitBody.parse({ rows: [1], reason: 'known error', ...change });
const kept = { id: 'A', size: 'Smal', n: 1 };

describe('a record from quarantine', () => {
  it.each([
    ['as it was', {}, kept, false],
    ['with fields set', { set: { n: 2, extra: null } }, { ...kept, n: 2, extra: null }, true],
    ['with texts mapped', { mapValues: { size: { Smal: 'Small' }, id: { B: 'C' } } }, { ...kept, size: 'Small' }, true],
    ['replaced', { records: [{ row: 1, record: { id: 'Z' } }] }, { id: 'Z' }, true],
    ['replaced and then mapped', { records: [{ row: 1, record: { size: 'x' } }], mapValues: { size: { x: 'y' } } }, { size: 'y' }, true],
    ['with a name that objects have', { set: { constructor: 'x' } }, { ...kept, constructor: 'x' }, true],
  ])('is sent again %s', (_what, change, record, isCorrected) =>
    expect(correctRecord(1, kept, false, body(change))).toEqual({ record, isCorrected }),
  );

  it('that could not be read needs another in its place', () => {
    expect(correctRecord(1, { raw: 'x,"' }, true, body({}))).toBeUndefined();
    expect(correctRecord(1, { raw: 'x,"' }, true, body({ records: [{ row: 1, record: kept }] }))?.record).toEqual(kept);
  });

  it('is chosen by number or by reason, not by both and not by neither', () => {
    for (const selection of [{ rows: [1], code: 'pattern' }, { rows: undefined }])
      expect(() => body(selection)).toThrow('either rows or code');
  });
});

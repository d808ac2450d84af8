import { describe, expect, it } from 'vitest';
import { property } from '../contracts/odcs.schema.js';
import type { Reason } from '../validation/reason.js';
import { maskedRecord } from './mask.js';
import { isPersonal } from './personal.js';

const rules = [
  { name: 'name', header: 'Full name', isPersonal: true },
  { name: 'speed', header: 'Speed' },
];
const reasons: Reason[] = [
  {
    code: 'pattern',
    field: 'name',
    message: 'name is "Ann Lee", which does not match ^x$',
    value: '"Ann Lee"',
    expectation: 'matches ^x$',
  },
  { code: 'out_of_range', field: 'speed', message: 'speed is "900", which is not at most 600', value: '"900"' },
  { code: 'duplicate_key', field: 'name,speed', message: 'another record has the name "Ann Lee", speed 900' },
];
const shown = { row: 1, record: { 'Full name': 'Ann Lee', name: 'Ann Lee', Speed: '900' }, raw: 'Ann Lee,900', reasons };

describe('a record with personal columns', () => {
  it('is shown without their values, wherever they stand', () => {
    const view = maskedRecord(shown, rules);
    expect(JSON.stringify(view)).not.toContain('Ann');
    expect(view).toMatchObject({ row: 1, record: { 'Full name': '[masked]', Speed: '900' }, raw: '[masked]' });
    expect(view.reasons[1]).toEqual(reasons[1]);
    expect(view.reasons[0]).toMatchObject({ code: 'pattern', message: 'name is [masked]: pattern', expectation: 'matches ^x$' });
  });

  it('is shown without fields that the contract does not know: nobody said what they hold', () => {
    const { record } = maskedRecord({ ...shown, record: { ...shown.record, Spouse: 'Ann Lee', ' Speed ': 7, empty: '' } }, rules);
    expect(record).toEqual({ 'Full name': '[masked]', name: '[masked]', Speed: '900', Spouse: '[masked]', ' Speed ': 7, empty: '' });
  });

  it('that could not be read is not shown at all, nor what is said about it with a piece of it', () => {
    const message = `the line is not JSON: Unexpected token 'A', "{Ann Lee" is not valid JSON`;
    const view = maskedRecord({ record: { raw: 'Ann Lee,"' }, raw: null, reasons: [{ code: 'unparsable_row', message }] }, rules);
    expect(view).toMatchObject({ record: { raw: '[masked]' }, reasons: [{ message: 'the line is not JSON: Unexpected token [masked]' }] });
  });
});

it('without personal columns is shown as it is', () => expect(maskedRecord(shown, [rules[1]!])).toBe(shown));

it.each([
  [{ classification: 'personal' }, true],
  [{ classification: 'PII' }, true],
  [{ tags: ['pii'] }, true],
  [{ customProperties: [{ property: 'personal', value: true }] }, true],
  [{ classification: 'restricted' }, false],
  [{}, false],
])('a column with %j is personal: %s', (marks, is) => {
  expect(isPersonal(property.parse({ name: 'a', logicalType: 'string', ...marks }))).toBe(is);
});

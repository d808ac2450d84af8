import { describe, expect, it } from 'vitest';
import { compareContracts, versionStep } from './compare-contracts.js';
import { compileContract } from './compile-contract.js';
import { odcsContract } from './odcs.schema.js';

type Json = Record<string, unknown>;
const valid = (values: unknown[]) => [{ metric: 'invalidValues', mustBe: 0, arguments: { validValues: values } }];
const custom = (property: string, value: unknown) => ({ customProperties: [{ property, value }] });

function contract(column: Json, table: Json = {}, rest: Json = {}) {
  const properties = [{ name: 'a', logicalType: 'string', ...column }];
  return compileContract(
    odcsContract.parse({
      ...{ apiVersion: 'v3.1.0', kind: 'DataContract', id: 'x', name: 'x', version: '1', status: 'active' },
      schema: [{ name: 'x', properties, ...table }],
      ...rest,
    }),
  );
}

describe('a change of a contract', () => {
  it.each<[string, Json, Json, string, RegExp]>([
    ['a new obligation', {}, { required: true }, 'senders', /becomes required/],
    ['an obligation that ends', { required: true }, {}, 'readers', /may be missing/],
    ['a value less', { quality: valid(['x', 'y']) }, { quality: valid(['x']) }, 'senders', /lose "y"/],
    ['a value more', { quality: valid(['x']) }, { quality: valid(['x', 'y']) }, 'readers', /gain "y"/],
    [
      'a tighter limit',
      { logicalType: 'number' },
      { logicalType: 'number', logicalTypeOptions: { minimum: 0 } },
      'senders',
      /none and becomes 0/,
    ],
    [
      'a wider limit',
      { logicalType: 'number', logicalTypeOptions: { maximum: 1 } },
      { logicalType: 'number', logicalTypeOptions: { maximum: 2 } },
      'readers',
      /was 1 and becomes 2/,
    ],
    [
      'another pattern',
      { logicalTypeOptions: { pattern: '^a' } },
      { logicalTypeOptions: { pattern: '^b' } },
      'both',
      /\^a and becomes \^b/,
    ],
    ['another type', {}, { logicalType: 'number' }, 'both', /was string and becomes number/],
    ['another name in the file', {}, { physicalName: 'A' }, 'senders', /sent as a and is sent as A/],
    ['another column', {}, { name: 'b' }, 'readers', /a is gone/],
    ['a repair', {}, custom('repairs', { trim: true }), 'nothing', /repairs/],
    [
      'another stored value',
      custom('mapValues', { n: 'no' }),
      custom('mapValues', { n: 'none' }),
      'readers',
      /stored as no and is stored as none/,
    ],
  ])('that is %s breaks the right ones', (_what, before, after, breaks, message) => {
    const [first] = compareContracts(contract(before), contract(after));
    expect(first).toMatchObject({ breaks, message: expect.stringMatching(message) });
  });

  it('of the table is found as well', () => {
    const rule = { type: 'custom', engine: 'bascule', name: 'short', implementation: { condition: { column: 'a', matches: '^.$' } } };
    const changed = contract(
      { unique: true, relationships: [{ to: 'others.id' }] },
      { quality: [rule, { metric: 'rowCount', mustBeGreaterThan: 5 }] },
      custom('maxQuarantinedPercent', 5),
    );
    const texts = compareContracts(contract({}), changed).map(({ breaks, message }) => `${breaks}: ${message}`);
    expect(texts).toEqual([
      'senders: a must be unique, from now on',
      'senders: the condition "short" must hold for every record, from now on',
      'senders: rowCount of x mustBeGreaterThan 5 rows must hold for every batch, from now on',
      'senders: a in others.id must be there, from now on',
      'senders: at most 20 % of a batch could be quarantined, 5 % can be',
    ]);
  });

  it('tells how the version number should grow', () => {
    const steps = [{}, custom('repairs', { trim: true }), { required: true }].map((after) =>
      versionStep(compareContracts(contract({}), contract(after))),
    );
    expect(steps).toEqual(['patch', 'minor', 'major']);
  });
});

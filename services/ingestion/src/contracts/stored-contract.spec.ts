import { describe, expect, it } from 'vitest';
import { compileContract } from './compile-contract.js';
import { type OdcsContract, odcsContract } from './odcs.schema.js';
import { compileStored } from './stored-contract.js';

const document = (property: object): OdcsContract =>
  odcsContract.parse({
    ...{ apiVersion: 'v3.1.0', kind: 'DataContract', id: 'urn:test:stored', name: 'stored', version: '1.0.0', status: 'active' },
    schema: [{ name: 'stored', properties: [{ name: 'code', logicalType: 'string', primaryKey: true, ...property }] }],
  });

describe('a contract that an earlier release took', () => {
  const looking = '^(?=.*\\d)[a-z\\d]+$';
  const condition = { condition: { column: 'code', matches: looking } };
  const rule = (implementation: unknown) => ({
    quality: [{ type: 'custom', engine: 'bascule', name: 'coded', severity: 'error', implementation }],
  });

  it.each([
    ['of a column', document({ logicalTypeOptions: { pattern: looking } })],
    ['of a metric', document({ quality: [{ metric: 'invalidValues', arguments: { pattern: looking }, mustBe: 0 }] })],
    ['of a rule', document(rule(condition))],
    ['of a rule that is a text', document(rule(`condition: {column: code, matches: '${looking}'}`))],
  ])('with a pattern %s that is refused by now tells its columns, and why it judges nothing', (_, stored) => {
    expect(() => compileContract(stored)).toThrow('a lookahead');
    const { columns, uniqueness, outdated } = compileStored(stored);
    expect([columns.map(({ name }) => name), uniqueness.length]).toEqual([['code'], 1]);
    expect(outdated).toContain(`the pattern ${looking}: a lookahead`);
  });

  it('shows its patterns as they were written', () => {
    expect(compileStored(document({ logicalTypeOptions: { pattern: looking } })).rules[0]?.pattern?.source).toBe(looking);
  });

  it('judges as ever where nothing is the matter, whatever it promises about its service', () => {
    const promises = { slaProperties: [{ property: 7 }, null, { property: 'frequency', value: 1, unit: 'd' }], slaDefaultElement: 3 };
    const stored = { ...document({ logicalTypeOptions: { pattern: '^a+$' } }), ...promises };
    const { outdated, quality, rules } = compileStored(stored as unknown as OdcsContract);
    expect([outdated, quality.mostHoursApart, rules[0]?.pattern?.test('b')]).toEqual([undefined, 24, false]);
  });

  it('is refused where it has another fault', () => {
    const time = { customProperties: [{ property: 'role', value: 'time' }] };
    expect(() => compileStored(document({ ...time, logicalTypeOptions: { pattern: looking } }))).toThrow('must be a required date');
  });
});

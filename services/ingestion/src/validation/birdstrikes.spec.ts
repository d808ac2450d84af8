import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { readContent } from '../batches/read-content.js';
import { compileContract } from '../contracts/compile-contract.js';
import { odcsContract } from '../contracts/odcs.schema.js';
import { countReasons } from './decide-batch.js';
import { BatchCheck, partDuplicates } from './validate-batch.js';

const csv = readFileSync(new URL('../../../../node_modules/vega-datasets/data/birdstrikes.csv', import.meta.url), 'utf8');
const contractFile = new URL('../../../../examples/birdstrikes/contract/birdstrikes.odcs.json', import.meta.url);
const contract = compileContract(odcsContract.parse(JSON.parse(readFileSync(contractFile, 'utf8'))));

const [header, ...lines] = csv.trimEnd().split(/\r?\n/);
const claims = [`claim_number,${header}`, ...lines.map((line, i) => `BS-${i + 1},${line}`)].join('\n');

describe('the 10,000 bird strikes under their contract', async () => {
  const check = new BatchCheck(contract);
  const content = await readContent(Readable.from([Buffer.from(claims)]), contract.rules, contract.settings.unknownColumns);
  for await (const rows of content.blocks) for (const row of rows) check.add(row);
  const checked = { ...check.take(), ...check.measures() };
  const { fresh, duplicates } = partDuplicates(contract, checked.valid, new Set());

  it('fit the header without a remark', () => expect([content.faults, content.notes]).toEqual([[], []]));

  it('go to quarantine where the damage code is B or C, 15 of them', () => {
    expect(countReasons(checked.refused)).toEqual({ not_allowed_value: 15 });
    expect(checked.refused.every(({ reasons }) => /^damaged is "[BC]", which is not among/.test(reasons[0]!.message))).toBe(true);
  });

  it('lose what differs from another claim in its number only', () => {
    const full = new Set(lines);
    expect(lines.length - full.size).toBe(24);
    expect(countReasons(duplicates)).toEqual({ duplicate_row: 24 });
  });

  it('keep the rest, with 2,836 speeds that nobody reported', () => {
    expect(checked.recordCount).toBe(10_000);
    expect(fresh).toHaveLength(10_000 - 15 - 24);
    expect(checked.missing['speed_knots']).toBe(2836);
  });
});

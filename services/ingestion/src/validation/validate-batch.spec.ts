import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { readContent } from '../batches/read-content.js';
import { compileContract } from '../contracts/compile-contract.js';
import { odcsContract } from '../contracts/odcs.schema.js';
import { countReasons, decideBatch, warningsOf } from './decide-batch.js';
import { LastOccurrences } from './last-occurrences.js';
import { BatchCheck, partDuplicates } from './validate-batch.js';

const contract = compileContract(
  odcsContract.parse({
    ...{ apiVersion: 'v3.1.0', kind: 'DataContract', id: 'x', name: 'x', version: '1', status: 'active' },
    schema: [
      {
        name: 'x',
        properties: [
          { name: 'id', logicalType: 'string', primaryKey: true },
          { name: 'a', logicalType: 'string' },
          { name: 'b', logicalType: 'integer', quality: [{ metric: 'nullValues', mustBeLessOrEqualTo: 50, unit: 'percent' }] },
        ],
        quality: [{ metric: 'duplicateValues', arguments: { properties: ['a', 'b'] }, mustBe: 0 }],
      },
    ],
  }),
);

async function checkCsv(text: string) {
  const check = new BatchCheck(contract);
  const { blocks } = await readContent(Readable.from([Buffer.from(text)]), contract.rules, 'ignore');
  for await (const rows of blocks) for (const row of rows) check.add(row);
  return { ...check.take(), ...check.measures() };
}

describe('a checked batch', async () => {
  const checked = await checkCsv('id,a,b\n1,x,1\n2,x,1\n1,y,2\n3,z,no\n4,,\n5,,\n');

  it('parts good records from bad ones', () => {
    expect(checked.recordCount).toBe(6);
    expect(checked.refused.map(({ row, reasons }) => [row, reasons[0]?.message])).toEqual([[4, 'b is "no", which is no integer']]);
    expect(checked.missing).toEqual({ id: 0, a: 2, b: 3 });
  });

  it('takes the first of several equal records, by key and by rows that are equal together', () => {
    const { fresh, duplicates } = partDuplicates(contract, checked.valid, new Set());
    expect(fresh.map(({ row }) => row)).toEqual([1, 5]);
    expect(duplicates.map(({ row, reasons }) => [row, reasons.map(({ message }) => message)])).toEqual([
      [2, ['another record has the same a, b']],
      [3, ['another record has the id "1"']],
      [6, ['another record has the same a, b']],
    ]);
    expect(countReasons([...checked.refused, ...duplicates])).toEqual({ wrong_type: 1, duplicate_row: 2, duplicate_key: 1 });
  });

  it.each<['keepFirst' | 'keepLast' | 'keepAll' | 'quarantine', number[], [number, boolean][]]>([
    [
      'keepFirst',
      [1, 5],
      [
        [2, true],
        [3, true],
        [6, true],
      ],
    ],
    [
      'keepLast',
      [2, 3, 6],
      [
        [1, true],
        [5, true],
      ],
    ],
    ['keepAll', [1, 2, 3, 5, 6], []],
    [
      'quarantine',
      [1, 5],
      [
        [2, false],
        [3, false],
        [6, false],
      ],
    ],
  ])('drops repetitions, or sets them apart, as %s says', (duplicates, kept, apart) => {
    const last = new LastOccurrences();
    for (const { digests, row } of checked.valid) for (const digest of digests) if (digest !== undefined) last.set(digest, row);
    const policy = { ...contract, settings: { ...contract.settings, duplicates } };
    const parted = partDuplicates(policy, checked.valid, new Set(), duplicates === 'keepLast' ? last : undefined);
    expect(parted.fresh.map(({ row }) => row)).toEqual(kept);
    expect(parted.duplicates.map(({ row, isDropped }) => [row, isDropped])).toEqual(apart);
  });

  it('lets the last record take the place of one that the dataset has, where it may', () => {
    const digests = checked.valid.flatMap((each) => each.digests.filter((digest) => digest !== undefined));
    const last = new LastOccurrences();
    for (const { digests: own, row } of checked.valid) for (const digest of own) if (digest !== undefined) last.set(digest, row);
    const policy = { ...contract, settings: { ...contract.settings, duplicates: 'keepLast' as const } };
    const parted = partDuplicates(policy, checked.valid, new Set(digests), last, true);
    expect([parted.fresh.map(({ row }) => row), parted.duplicates.map(({ row, isDropped }) => [row, isDropped])]).toEqual([
      [2, 3, 6],
      [
        [1, true],
        [5, true],
      ],
    ]);
    expect(new Set(parted.superseded)).toEqual(
      new Set(parted.fresh.flatMap((row) => row.digests.filter((digest) => digest !== undefined))),
    );
    const refused = partDuplicates(policy, checked.valid, new Set(digests), last);
    expect([refused.fresh, refused.superseded, refused.duplicates.every(({ isDropped }) => !isDropped)]).toEqual([[], [], true]);
  });

  it('finds records the dataset has already', () => {
    const known = new Set(checked.valid.flatMap(({ digests }) => digests.filter((digest) => digest !== undefined)));
    expect(partDuplicates(contract, checked.valid, known).fresh).toEqual([]);
  });

  it('measures what the contract expects of the batch', () => {
    const about = { metric: 'nullValues', field: 'b', severity: 'error' };
    expect(checked.expectations).toEqual([{ text: 'nullValues of b mustBeLessOrEqualTo 50 percent', measured: 50, holds: true, ...about }]);
  });
});

describe('decideBatch', () => {
  it('rejects for errors and warns for warnings', () => {
    const miss = (severity: 'error' | 'warning') => ({ text: `a ${severity}`, measured: 1, holds: false, severity });
    const finding = { severity: 'warning', message: 'less is there than before' } as const;
    const warned = { ...evidence, expectations: [miss('warning')], findings: [finding] };
    expect([decideBatch(warned), warningsOf(warned)]).toEqual([
      { outcome: 'validated' },
      ['a warning: measured 1', 'less is there than before'],
    ]);
    expect(decideBatch({ ...evidence, expectations: [miss('error'), miss('warning')] })).toMatchObject({
      reasons: ['a error: measured 1'],
    });
  });

  const evidence = { recordCount: 100, faultyCount: 20, maxQuarantinedPercent: 20, expectations: [], contentFaults: [] };

  it('validates a batch whose quarantine is within the limit', () => expect(decideBatch(evidence)).toEqual({ outcome: 'validated' }));

  it('rejects a batch with too many bad records', () => {
    const reasons = ['21 of 100 records (21.0 %) miss the contract; at most 20 % may'];
    expect(decideBatch({ ...evidence, faultyCount: 21 })).toEqual({ outcome: 'rejected', reasons });
  });

  it('rejects a batch without records, with a bad header or with a missed expectation', () => {
    expect(decideBatch({ ...evidence, recordCount: 0, faultyCount: 0 })).toEqual({
      outcome: 'rejected',
      reasons: ['the batch holds no records'],
    });
    expect(decideBatch({ ...evidence, recordCount: 0, faultyCount: 0, contentFaults: ['no header'] })).toMatchObject({
      reasons: ['no header'],
    });
    const expectations = [{ text: 'rowCount of x mustBeGreaterThan 200 rows', measured: 100, holds: false }];
    expect(decideBatch({ ...evidence, expectations })).toMatchObject({
      reasons: ['rowCount of x mustBeGreaterThan 200 rows: measured 100'],
    });
  });
});

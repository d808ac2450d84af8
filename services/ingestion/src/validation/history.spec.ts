import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { absent, referencePath } from '@bascule/testing/reference-data';
import { beforeAll, describe, expect, it } from 'vitest';
import { checkContent, contractOf, plainCsv } from '../../test/check-content.js';
import type { BatchProfile } from './batch-profile.js';
import { compareHistory } from './compare-history.js';
import { historyOf } from './history.js';
import { labelFlood, sendersOf } from './label-flood.js';

const motorFile = 'data/claims/fr_motor_claims_2003-01_to_2004-06.csv';
const portfolioFiles = ['data/drift/pg17_portfolio_year0.csv.gz', 'data/drift/pg17_portfolio_year1.csv.gz'];

const columnName = (header: string) =>
  header
    .replace(/([a-z\d])([A-Z])/g, '$1_$2')
    .replace(/\W+/g, '_')
    .toLowerCase();

/** A contract that takes every column as number or text, as its values are. */
function anyContract([headers = [], ...rows]: string[][], roles: Record<string, string> = {}) {
  return contractOf(
    headers.map((header, at) => {
      const isNumber = rows.every((cells) => cells[at] === '' || cells[at] === 'NA' || Number.isFinite(Number(cells[at])));
      const role = roles[header];
      const customProperties = [{ property: 'missingValues', value: ['NA'] }, ...(role ? [{ property: 'role', value: role }] : [])];
      return { name: columnName(header), physicalName: header, logicalType: isNumber ? 'number' : 'string', customProperties };
    }),
  );
}

const asCsv = (headers: string[], rows: string[][]) =>
  [headers, ...rows].map((cells) => cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(',')).join('\n');

describe.skipIf(absent(motorFile))(`French motor claims, month by month${absent(motorFile)}`, () => {
  let [headers, rows]: [string[], string[][]] = [[], []];
  let contract: ReturnType<typeof anyContract>;
  const drops = new Map<string, string[]>();
  const during = (period: string) =>
    asCsv(
      headers,
      rows.filter((cells) => cells[headers.indexOf('OccurDate')]!.startsWith(period)),
    );

  beforeAll(async () => {
    const table = plainCsv(readFileSync(referencePath(motorFile), 'utf8'));
    [headers = [], ...rows] = table;
    contract = anyContract(table, { IDclaim: 'id', IDpol: 'id' });
    const profiles: BatchProfile[] = [];
    const months = new Set(rows.map((cells) => cells[headers.indexOf('OccurDate')]!.slice(0, 7)));
    for (const month of [...months].sort()) {
      const { profile } = await checkContent(contract, during(month));
      const findings = compareHistory(profile, historyOf(profiles), contract.rules, contract.quality.history);
      const lost = findings.filter(({ kind }) => kind === 'completeness_drop').map(({ field }) => field!);
      if (lost.length > 0) drops.set(month, lost);
      profiles.unshift(profile);
    }
  });

  it('are told to have lost the attributes of the policy from 2004-01, and not before', () => {
    expect([...drops.keys()][0]).toBe('2004-01');
    expect(drops.get('2004-01')).toEqual(expect.arrayContaining(['driv_age', 'veh_age', 'veh_power', 'region', 'prem_tot', 'bonus_malus']));
    expect(drops.get('2004-01')).not.toContain('payment');
    expect(drops.get('2004-01')!.length).toBeGreaterThan(15);
  });

  it('show no shift of the kinds of claim from 2003 to 2004, where there is none', async () => {
    const year = async (prefix: string) => (await checkContent(contract, during(prefix))).profile;
    const findings = compareHistory(await year('2004'), historyOf([await year('2003')]), contract.rules, contract.quality.history);
    expect(findings.filter(({ field, kind }) => field === 'guarantee' && kind !== 'completeness_drop')).toEqual([]);
  });
});

describe.skipIf(absent(...portfolioFiles))(`one portfolio, a year apart${absent(...portfolioFiles)}`, () => {
  let contract: ReturnType<typeof anyContract>;
  let [before, after]: BatchProfile[] = [];
  let unchanged: string[] = [];

  beforeAll(async () => {
    const texts = portfolioFiles.map((file) => gunzipSync(readFileSync(referencePath(file))).toString('utf8'));
    const [one = [], other = []] = texts.map(plainCsv);
    contract = anyContract(one);
    [before, after] = await Promise.all(texts.map(async (text) => (await checkContent(contract, text)).profile));
    const columnOf = (table: string[][], at: number) =>
      table
        .slice(1)
        .map((cells) => cells[at])
        .sort()
        .join('\n');
    unchanged = one[0]!.filter((_, at) => columnOf(one, at) === columnOf(other, at));
  });
  const findings = () => compareHistory(after!, historyOf([before!]), contract.rules, contract.quality.history);

  it('shows no shift and no drop of a column that did not change', () => {
    expect(unchanged.length).toBeGreaterThan(5);
    const told = new Set(findings().map(({ field }) => field));
    expect(unchanged.map(columnName).filter((name) => told.has(name))).toEqual([]);
  });

  it('shows none at all of the same rows again', () => {
    expect(compareHistory(before!, historyOf([before!]), contract.rules, contract.quality.history)).toEqual([]);
  });
});

describe('the history of a dataset', async () => {
  const contract = contractOf([
    { name: 'size', logicalType: 'number' },
    { name: 'kind', logicalType: 'string' },
    { name: 'damaged', logicalType: 'integer', customProperties: [{ property: 'role', value: 'label' }] },
  ]);
  const batch = async (count: number, row: (i: number) => (string | number)[]) =>
    (await checkContent(contract, ['size,kind,damaged', ...Array.from({ length: count }, (_, i) => row(i).join(','))].join('\n'))).profile;
  const usual = (i: number) => [(i * 37) % 100, 'abcd'[i % 4]!, i % 10 === 0 ? 1 : 0];
  const history = historyOf([await batch(1000, usual), await batch(1200, (i) => usual(i + 7))]);
  const kinds = async (profile: BatchProfile) =>
    compareHistory(profile, history, contract.rules, contract.quality.history).map(({ kind, field }) => `${kind} ${field}`);

  it('finds what moved', async () => {
    expect(await kinds(await batch(800, (i) => [((i * 37) % 100) + 40, ...usual(i).slice(1)]))).toEqual(['distribution_shift size']);
    expect(await kinds(await batch(800, (i) => [usual(i)[0]!, i % 2 ? 'a' : 'z', usual(i)[2]!]))).toEqual(['category_shift kind']);
    expect(await kinds(await batch(800, (i) => [i % 3 ? usual(i)[0]! : '', ...usual(i).slice(1)]))).toEqual(['completeness_drop size']);
  });

  it('takes into account how few records there are', async () => {
    expect(await kinds(await batch(60, (i) => [i % 30 ? usual(i)[0]! : '', ...usual(i).slice(1)]))).toEqual([]);
    expect(await kinds(await batch(10, () => [900, 'z', 1]))).toEqual([]);
  });

  it('guards against one sender whose labels are unlike all others, or too many', async () => {
    const [receivedAt, rule] = [new Date('2026-01-02'), { severity: 'warning', points: 20 } as const];
    const flood = { sentBy: 'mallory', receivedAt, profile: await batch(300, (i) => [usual(i)[0]!, usual(i)[1]!, 1]) };
    const others = [{ sentBy: 'alice', receivedAt, profile: await batch(1000, usual) }];
    expect(labelFlood(flood, others, 'damaged', rule).map(({ message }) => message)).toEqual([
      '100.0 % of the labels of mallory are "1", 10.0 % of all others',
    ]);
    expect(labelFlood({ ...flood, profile: await batch(300, usual) }, others, 'damaged', rule)).toEqual([]);
    const rates = sendersOf([flood, ...others, { ...flood, receivedAt: new Date('2025-01-01') }], 'damaged', receivedAt);
    expect(rates).toMatchObject([
      { sentBy: 'alice', batchCount: 1, labelledCount: 1000, labelShares: { '0': 0.9, '1': 0.1 } },
      { sentBy: 'mallory', batchCount: 2, labelledCount: 600, labelledToday: 300, labelShares: { '1': 1 } },
    ]);
    const tooMany = labelFlood(
      { ...flood, profile: await batch(300, usual) },
      [{ ...flood, profile: await batch(200, usual) }],
      'damaged',
      {
        ...rule,
        maxRowsPerDay: 400,
      },
    );
    expect(tooMany.map(({ measured, threshold }) => [measured, threshold])).toEqual([[500, 400]]);
  });
});

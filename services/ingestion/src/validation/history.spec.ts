import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { checkContent, contractOf, plainCsv, referenceFile } from '../../test/check-content.js';
import type { BatchProfile } from './batch-profile.js';
import { compareHistory } from './compare-history.js';
import { historyOf } from './history.js';
import { labelFlood } from './label-flood.js';

const motorFile = referenceFile('claims/fr_motor_claims_2003-01_to_2004-06.csv');
const portfolioFiles = ['drift/pg17_portfolio_year0.csv.gz', 'drift/pg17_portfolio_year1.csv.gz'].map(referenceFile);

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

describe.skipIf(!motorFile)('French motor claims, month by month', async () => {
  const table = motorFile ? plainCsv(readFileSync(motorFile, 'utf8')) : [];
  const [headers = [], ...rows] = table;
  const contract = anyContract(table, { IDclaim: 'id', IDpol: 'id' });
  const day = headers.indexOf('OccurDate');
  const months = [...new Set(rows.map((cells) => cells[day]!.slice(0, 7)))].sort();
  const profiles: BatchProfile[] = [];
  const drops = new Map<string, string[]>();
  for (const month of months) {
    const batch = asCsv(
      headers,
      rows.filter((cells) => cells[day]!.startsWith(month)),
    );
    const { profile } = await checkContent(contract, batch);
    const findings = compareHistory(profile, historyOf(profiles), contract.rules, contract.quality.history);
    const lost = findings.filter(({ kind }) => kind === 'completeness_drop').map(({ field }) => field!);
    if (lost.length > 0) drops.set(month, lost);
    profiles.unshift(profile);
  }

  it('are told to have lost the attributes of the policy from 2004-01, and not before', () => {
    expect([...drops.keys()][0]).toBe('2004-01');
    expect(drops.get('2004-01')).toEqual(expect.arrayContaining(['driv_age', 'veh_age', 'veh_power', 'region', 'prem_tot', 'bonus_malus']));
    expect(drops.get('2004-01')).not.toContain('payment');
    expect(drops.get('2004-01')!.length).toBeGreaterThan(15);
  });

  it('show no shift of the kinds of claim from 2003 to 2004, where there is none', async () => {
    const year = async (prefix: string) =>
      (
        await checkContent(
          contract,
          asCsv(
            headers,
            rows.filter((cells) => cells[day]!.startsWith(prefix)),
          ),
        )
      ).profile;
    const findings = compareHistory(await year('2004'), historyOf([await year('2003')]), contract.rules, contract.quality.history);
    expect(findings.filter(({ field, kind }) => field === 'guarantee' && kind !== 'completeness_drop')).toEqual([]);
  });
});

describe.skipIf(portfolioFiles.includes(undefined))('one portfolio, a year apart', async () => {
  const texts = portfolioFiles.map((file) => (file ? gunzipSync(readFileSync(file)).toString('utf8') : ''));
  const tables = texts.map(plainCsv);
  const contract = anyContract(tables[0] ?? []);
  const [before, after] = await Promise.all(texts.map(async (text) => (await checkContent(contract, text)).profile));
  const findings = () => compareHistory(after!, historyOf([before!]), contract.rules, contract.quality.history);
  const [headers = []] = tables[0] ?? [];
  const unchanged = headers.filter((_, at) => {
    const column = (rows: string[][]) =>
      rows
        .slice(1)
        .map((cells) => cells[at])
        .sort()
        .join('\n');
    return column(tables[0]!) === column(tables[1]!);
  });

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

import type { DatasetColumn, DatasetManifest } from '@bascule/contracts';
import { datasetProfile } from '@bascule/contracts';
import { describe, expect, it } from 'vitest';
import type { CellValue } from '../validation/column-rule.js';
import { mergedColumns, PartSketcher, profileOf } from './profile-of.js';

const column = (name: string, type: DatasetColumn['type'], role: DatasetColumn['role'] = 'feature'): DatasetColumn => ({
  ...{ name, type, role, nullable: true },
});
const columns: DatasetColumn[] = [
  column('id', 'string', 'id'),
  column('day', 'timestamp', 'time'),
  column('size', 'string'),
  column('speed', 'number'),
  { ...column('name', 'string'), isPersonal: true },
  column('damaged', 'integer', 'label'),
];
const version = 'a'.repeat(64);

function sketchOf(rows: readonly CellValue[][]) {
  const sketcher = new PartSketcher(columns);
  for (const row of rows) sketcher.add(row);
  // as it is stored
  return { sketch: JSON.parse(JSON.stringify(sketcher.result())), rowCount: rows.length };
}

function profile(...parts: CellValue[][][]) {
  const rows = parts.flat();
  const labelledCount = rows.filter((row) => row[5] !== null).length;
  const manifest = { datasetName: 'd', rowCount: rows.length, labelledCount, columns } as DatasetManifest;
  return datasetProfile.parse(profileOf(version, manifest, mergedColumns(columns, parts.map(sketchOf))));
}

const rows = Array.from({ length: 1000 }, (_, i): CellValue[] => [
  `r${i}`,
  Date.UTC(1990, i % 3, 1),
  i % 4 === 0 ? 'Large' : 'Small',
  i % 10 === 0 ? null : i,
  `Person ${i}`,
  i % 2,
]);

describe('a profile', () => {
  it('counts values, gaps, categories, quantiles and 64 bins', () => {
    const { columns: found } = profile(rows);
    expect(found[2]).toMatchObject({
      count: 1000,
      distinct: 2,
      otherCount: 0,
      categories: [
        { value: 'Small', count: 750 },
        { value: 'Large', count: 250 },
      ],
    });
    const { numeric, ...speed } = found[3]!;
    expect(speed).toMatchObject({ count: 900, missing: 100 });
    expect(numeric).toMatchObject({ min: 1, max: 999, mean: 500 });
    expect(Math.abs(numeric!.quantiles[3]! - 500)).toBeLessThan(500 * 0.011);
    expect([numeric!.counts.length, numeric!.counts.reduce((sum, count) => sum + count, 0)]).toEqual([64, 900]);
    expect(found[1]!.categories!.map(({ value }) => value).sort()).toEqual(['1990-01', '1990-02', '1990-03']);
  });

  it('is the same whether the rows lie in one part or in many', () => {
    const { columns: one } = profile(rows);
    const { columns: many } = profile(rows.slice(0, 10), rows.slice(10, 700), rows.slice(700));
    expect(many[2]).toEqual(one[2]);
    expect(many[3]!.numeric).toMatchObject({ mean: one[3]!.numeric!.mean, min: 1, max: 999 });
  });

  it('shows no value of personal columns and ids', () => {
    const text = JSON.stringify(profile(rows));
    expect(text).not.toContain('Person 1');
    expect(text).not.toContain('r17');
    expect(profile(rows).columns[4]).toMatchObject({ count: 1000, missing: 0 });
  });

  it('says what share is labelled, and how far those rows are from the others', () => {
    const chosen = rows.map((row, i): CellValue[] => row.with(5, row[2] === 'Large' || i % 8 === 1 ? 1 : null));
    const found = profile(chosen);
    expect(found.labelledShare).toBeCloseTo(0.375, 3);
    const bias = (name: string) => found.columns.find((each) => each.name === name)!.labelBias!;
    expect(bias('size').psi).toBeGreaterThan(0.5);
    expect(bias('speed').psi).toBeLessThan(0.2);
    expect(found.columns[5]!.labelBias).toBeUndefined();
    expect(profile(rows).columns[2]!.labelBias).toBeUndefined();
  });

  it('of no rows is one', () => expect(profile([])).toMatchObject({ rowCount: 0, labelledShare: null }));
});

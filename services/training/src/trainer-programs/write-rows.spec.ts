import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '@bascule/testing';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { describe, expect, it } from 'vitest';
import type { Feature, Row } from '../trainers/row.js';
import { RowStore } from '../trainers/row-store.js';
import { writeRows } from './write-rows.js';

const features: Feature[] = [
  { name: 'amount', kind: 'numeric' },
  { name: 'region', kind: 'categorical' },
  { name: 'remark', kind: 'text' },
];
const names = { time: 'occurred_at', label: 'label' };

/** Missing values, few texts and many, numbers with and without a fraction. */
const rowAt = (at: number, label: number): Row => ({
  occurredAt: 1e12 + at * 1000,
  label,
  cells: [at % 7 === 0 ? Number.NaN : at / 4, at % 11 === 0 ? '' : `r${at % 13}`, `ü${at}`],
});

/** The same rows written from whole columns in memory. */
function atOnce(rows: readonly Row[], labelType: 'INT32' | 'DOUBLE'): Buffer {
  const cells = features.map(({ name, kind }, column) => {
    const data = rows.map(({ cells: of }) => (of[column] === '' || Number.isNaN(of[column]) ? null : of[column]));
    return { name, data, type: kind === 'numeric' ? ('DOUBLE' as const) : ('STRING' as const), nullable: true };
  });
  const time = { name: names.time, data: rows.map(({ occurredAt }) => new Date(occurredAt)), type: 'TIMESTAMP' as const };
  const label = { name: names.label, data: rows.map((row) => row.label), type: labelType };
  return Buffer.from(parquetWriteBuffer({ columnData: [time, ...cells, label] }));
}

async function inPieces(rows: readonly Row[], path: string): Promise<Buffer> {
  const store = new RowStore(features, rows.length);
  for (const row of rows) store.add(row);
  await writeRows(path, store.rows(), features, names);
  return readFileSync(path);
}

describe('the rows a program gets', () => {
  const folder = temporaryFolder('rows');

  it.each([
    ['one row', 1],
    ['one group', 1000],
    ['several groups, the last not full', 2_345],
  ])('are the bytes that whole columns would give: %s', async (_, count) => {
    const rows = Array.from({ length: count }, (__, at) => rowAt(at, at % 2));
    const written = await inPieces(rows, join(folder, `${count}.parquet`));
    expect(written.equals(atOnce(rows, 'INT32'))).toBe(true);
  });

  it('have numbers for labels where one has a fraction', async () => {
    const rows = Array.from({ length: 1500 }, (_, at) => rowAt(at, at === 1200 ? 0.5 : 1));
    expect((await inPieces(rows, join(folder, 'numbers.parquet'))).equals(atOnce(rows, 'DOUBLE'))).toBe(true);
  });
});

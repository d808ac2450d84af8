import { expect, it } from 'vitest';
import { defaultLimits } from './limits.js';
import { ParquetFile } from './parquet-file.js';
import { openParquet } from './parquet-table.js';

const facts = { format: 'parquet', compression: 'none', duplicateColumns: [], sureness: { format: 1 } } as const;
const columns = [
  { name: 'text', type: 'string' },
  { name: 'number', type: 'number' },
  { name: 'whole', type: 'integer' },
  { name: 'time', type: 'timestamp' },
] as const;
const rowOf = (i: number) => [i % 3 === 0 ? null : `text ${i % 50}`, i / 4, i % 7 === 0 ? null : i, 86_400_000 * i];

async function fileOf(rowCount: number, groupRows: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  const file = new ParquetFile(columns, groupRows, async (bytes) => void pieces.push(bytes));
  for (let i = 0; i < rowCount; i++) file.append(rowOf(i));
  await file.finish();
  return Buffer.concat(pieces);
}

it.each([1, 1000, 1001, 70_000])('row groups that are read by stretches of %d rows have the same rows in the same order', async (rows) => {
  const rowCount = 21_000;
  const window = { rows, values: 1, bytes: 1 };
  const most = rows === 1 ? 300 : rowCount;
  const table = await openParquet(await fileOf(most, 9_000), facts, defaultLimits, async () => undefined, window);
  let number = 0;
  for await (const block of table.rows()) {
    for (const row of block) {
      const [text, value, whole, time] = rowOf(number) as [string | null, number, number | null, number];
      if (row.number !== ++number) expect(row.number).toBe(number);
      if (JSON.stringify(row.cells) !== JSON.stringify([text, value, whole, new Date(time)]))
        expect(row.cells).toEqual([text, value, whole, new Date(time)]);
    }
  }
  expect(number).toBe(most);
});

import { buffer } from 'node:stream/consumers';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { describe, expect, it } from 'vitest';
import { readAll } from '../test/read-all.js';
import type { CellValue, WrittenColumn } from './column-buffer.js';
import { ParquetFile } from './parquet-file.js';
import { TableWriter, type WriteOptions } from './write-table.js';

const columns: WrittenColumn[] = [
  { name: 's', type: 'string' },
  { name: 'n', type: 'number' },
  { name: 'i', type: 'integer' },
  { name: 'b', type: 'boolean' },
  { name: 't', type: 'timestamp' },
];
const time = Date.UTC(1990, 0, 8);
const row: CellValue[] = ['größe, "x"\n', -1.5, 9007199254740991, true, time];
const nothing: CellValue[] = [null, null, null, null, null];

async function write(...groups: CellValue[][][]): Promise<ArrayBuffer> {
  const pieces: Uint8Array[] = [];
  const file = new ParquetFile(columns, 300, async (bytes) => void pieces.push(bytes));
  for (const rows of groups) {
    for (const values of rows) file.append(values);
    await file.flush();
  }
  await file.finish();
  return new Uint8Array(Buffer.concat(pieces)).buffer;
}

async function written(options: Omit<WriteOptions, 'columns'>, rows: readonly CellValue[][], length = 20): Promise<Buffer> {
  const writer = new TableWriter({ ...options, columns });
  const content = buffer(writer.content);
  for (const values of rows) await writer.add(values, length);
  await writer.finish();
  return content;
}

describe('a Parquet file', () => {
  it('keeps every type and every missing value', async () => {
    expect(await parquetReadObjects({ file: await write([row, nothing]) })).toEqual([
      { s: 'größe, "x"\n', n: -1.5, i: 9007199254740991n, b: true, t: new Date('1990-01-08T00:00:00Z') },
      { s: null, n: null, i: null, b: null, t: null },
    ]);
  });

  it('keeps the order of rows over its groups', async () => {
    const groups = Array.from({ length: 5 }, (_, group) => Array.from({ length: 300 }, (_, i) => [`${group}-${i}`, i, group, null, 0]));
    const file = await write(...groups);
    expect(parquetMetadata(file).row_groups.map(({ num_rows }) => num_rows)).toEqual([300n, 300n, 300n, 300n, 300n]);
    const read = await parquetReadObjects({ file });
    expect(read.map(({ s }) => s)).toEqual(groups.flat().map(([name]) => name));
  });

  it('has the same bytes for the same rows', async () =>
    expect(Buffer.from(await write([row])).equals(Buffer.from(await write([row])))).toBe(true));

  it('ends a group early where its texts are long', async () => {
    const long = (i: number) => `${i} `.repeat(100_000);
    const bytes = await written(
      { format: 'parquet' },
      Array.from({ length: 400 }, (_, i): CellValue[] => [long(i), i, i, null, 0]),
      500_000,
    );
    const groups = parquetMetadata(new Uint8Array(bytes).buffer).row_groups;
    expect(groups.length).toBeGreaterThan(1);
    expect((await readAll(bytes)).rows.every(({ cells }, i) => cells[0] === long(i))).toBe(true);
  });

  it('may have a column without a single value', async () => {
    expect(await parquetReadObjects({ file: await write([nothing]) })).toHaveLength(1);
  });
});

describe('a table that was written', () => {
  it.each<[Omit<WriteOptions, 'columns'>, unknown[]]>([
    [{ format: 'parquet' }, [row[0], -1.5, 9007199254740991, true, new Date(time)]],
    [{ format: 'csv' }, [row[0], '-1.5', '9007199254740991', 'true', '1990-01-08T00:00:00.000Z']],
    [{ format: 'csv', delimiter: '\t', compression: 'gzip' }, [row[0], '-1.5', '9007199254740991', 'true', '1990-01-08T00:00:00.000Z']],
    [{ format: 'ndjson', compression: 'zstd' }, [row[0], -1.5, 9007199254740991, true, '1990-01-08T00:00:00.000Z']],
  ])('as %j is read back', async (options, expected) => {
    const { facts, columns, rows } = await readAll(await written(options, [row, nothing]));
    expect(columns).toEqual(['s', 'n', 'i', 'b', 't']);
    expect(facts.compression).toBe(options.compression ?? 'none');
    expect(rows.map(({ cells, record }) => (record ? Object.values(record) : cells))).toEqual([
      expected,
      options.format === 'csv' ? ['', '', '', '', ''] : nothing,
    ]);
  });

  it('holds all rows, a group of them in memory', async () => {
    const rows = Array.from({ length: 120_000 }, (_, i): CellValue[] => [`${i}`, i, i, null, 0]);
    const bytes = await written({ format: 'parquet' }, rows);
    expect(parquetMetadata(new Uint8Array(bytes).buffer).row_groups.map(({ num_rows }) => num_rows)).toEqual([50_000n, 50_000n, 20_000n]);
    const read = await readAll(bytes);
    expect(read.rows.every(({ cells }, at) => cells[0] === `${at}`)).toBe(true);
    expect(read.rows).toHaveLength(120_000);
  });

  it('without rows has its header', async () => {
    expect((await written({ format: 'csv' }, [])).toString()).toBe('s,n,i,b,t\n');
    expect((await readAll(await written({ format: 'parquet' }, []))).columns).toHaveLength(5);
  });

  it('that is given up is an error for its reader', async () => {
    const writer = new TableWriter({ format: 'csv', columns });
    const content = expect(buffer(writer.content)).rejects.toThrow('given up');
    writer.abandon();
    await content;
  });

  it('fails to be written on when its reader is gone', async () => {
    const writer = new TableWriter({ format: 'csv', columns });
    writer.content.destroy();
    await expect(finished(writer)).rejects.toThrow('gone');
  });
});

async function finished(writer: TableWriter): Promise<void> {
  await writer.add(row);
  await writer.finish();
}

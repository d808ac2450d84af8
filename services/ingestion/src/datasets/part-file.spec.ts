import type { DatasetColumn } from '@bascule/contracts';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { describe, expect, it } from 'vitest';
import type { CellValue } from '../validation/column-rule.js';
import { PartFile } from './part-file.js';

const column = (name: string, type: DatasetColumn['type']): DatasetColumn => ({ name, type, role: 'other', nullable: true });
const columns = [column('s', 'string'), column('n', 'number'), column('i', 'integer'), column('b', 'boolean'), column('t', 'timestamp')];

function write(...groups: CellValue[][][]): ArrayBuffer {
  const part = new PartFile(columns);
  return new Uint8Array(Buffer.concat([...groups.map((rows) => part.add(rows)), part.finish()])).buffer;
}

const row: CellValue[] = ['größe, "x"', -1.5, 9007199254740991, true, Date.UTC(1990, 0, 8)];
const nothing: CellValue[] = [null, null, null, null, null];

describe('a part file', () => {
  it('keeps every type and every missing value', async () => {
    expect(await parquetReadObjects({ file: write([row, nothing]) })).toEqual([
      { s: 'größe, "x"', n: -1.5, i: 9007199254740991n, b: true, t: new Date('1990-01-08T00:00:00Z') },
      { s: null, n: null, i: null, b: null, t: null },
    ]);
  });

  it('keeps the order of rows over its groups', async () => {
    const groups = Array.from({ length: 5 }, (_, group) => Array.from({ length: 300 }, (_, i) => [`${group}-${i}`, i, group, null, 0]));
    const file = write(...groups);
    expect(parquetMetadata(file).row_groups.map(({ num_rows }) => num_rows)).toEqual([300n, 300n, 300n, 300n, 300n]);
    const read = await parquetReadObjects({ file });
    expect(read.map(({ s }) => s)).toEqual(groups.flat().map(([name]) => name));
  });

  it('gives the same bytes for the same rows', () => expect(Buffer.from(write([row])).equals(Buffer.from(write([row])))).toBe(true));

  it('writes a column without a single value', async () => {
    expect(await parquetReadObjects({ file: write([nothing]) })).toHaveLength(1);
  });
});

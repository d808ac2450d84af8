import type { DatasetColumn } from '@bascule/contracts';
import { parquetReadObjects } from 'hyparquet';
import { describe, expect, it } from 'vitest';
import { writePart } from './write-part.js';

const column = (name: string, type: DatasetColumn['type']): DatasetColumn => ({ name, type, role: 'other', nullable: true });
const columns = [column('s', 'string'), column('n', 'number'), column('i', 'integer'), column('b', 'boolean'), column('t', 'timestamp')];

describe('writePart', () => {
  it('keeps every type and every missing value', async () => {
    const bytes = writePart(columns, [
      ['größe, "x"', -1.5, 9007199254740991, true, Date.UTC(1990, 0, 8)],
      [null, null, null, null, null],
    ]);
    expect(await parquetReadObjects({ file: bytes.buffer as ArrayBuffer })).toEqual([
      { s: 'größe, "x"', n: -1.5, i: 9007199254740991n, b: true, t: new Date('1990-01-08T00:00:00Z') },
      { s: null, n: null, i: null, b: null, t: null },
    ]);
  });

  it('gives the same bytes for the same rows', () => {
    const rows = [['a', 1, 2, false, 0]];
    expect(Buffer.from(writePart(columns, rows)).equals(Buffer.from(writePart(columns, rows)))).toBe(true);
  });

  it('writes a column without a single value', async () => {
    const bytes = writePart(columns, [[null, null, null, null, null]]);
    expect(await parquetReadObjects({ file: bytes.buffer as ArrayBuffer })).toHaveLength(1);
  });
});

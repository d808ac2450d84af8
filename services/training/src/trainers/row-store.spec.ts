import { describe, expect, it } from 'vitest';
import { frameOf } from './frame.js';
import type { Feature, Row } from './row.js';
import { RowStore } from './row-store.js';

const features: Feature[] = [
  { name: 'amount', kind: 'numeric' },
  { name: 'region', kind: 'categorical' },
  { name: 'reported_at', kind: 'datetime' },
  { name: 'insured', kind: 'boolean' },
];
const rows: Row[] = Array.from({ length: 5000 }, (_, at) => ({
  occurredAt: 1e12 + at,
  label: at % 3,
  cells: [at % 7 === 0 ? Number.NaN : at / 4, at % 11 === 0 ? '' : `r${at % 13}`, 1e9 + at + 0.5, at % 2],
  ...(at % 2 === 0 ? { group: `g${at % 5}` } : {}),
}));

describe('RowStore', () => {
  const store = new RowStore(features);
  const stored = rows.map((row) => store.add(row));

  it('gives rows back as they were', () => {
    for (const at of [0, 1, 22, 1023, 1024, 4999]) {
      const { occurredAt, label, cells, group } = stored[at]!;
      expect({ occurredAt, label, cells, group }).toEqual({ group: undefined, ...rows[at]! });
    }
  });

  it('gives the frame that plain rows give, also of some rows in another order', () => {
    const some = (of: readonly Row[]) => of.filter(({ label }) => label === 1).reverse();
    const [own, plain] = [frameOf(features, some(stored)), frameOf(features, some(rows))];
    expect(own.labels).toEqual(plain.labels);
    for (const [position, column] of own.columns.entries()) {
      const other = plain.columns[position]!;
      if (column.kind !== 'texts' || other.kind !== 'texts') expect(column).toEqual(other);
      else
        expect(Array.from(column.codes, (code) => column.dictionary[code])).toEqual(
          Array.from(other.codes, (code) => other.dictionary[code]),
        );
    }
  });
});

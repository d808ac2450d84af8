import { describe, expect, it } from 'vitest';
import { frameOf } from './frame.js';
import type { Feature, Row, Rows } from './row.js';
import { RowStore } from './row-store.js';
import { joined, oldestFirst, pick } from './rows.js';
import { StoredRows } from './stored-rows.js';

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
  for (const row of rows) store.add(row);
  const stored = store.rows();

  it('gives rows back as they were', () => {
    for (const at of [0, 1, 22, 1023, 1024, 4999]) {
      const { occurredAt, label, cells, group } = stored.at(at)!;
      expect({ occurredAt, label, cells, group }).toEqual({ group: undefined, ...rows[at]! });
    }
  });

  it('gives the frame that plain rows give, also of some rows in another order', () => {
    const places = Uint32Array.from({ length: 3000 }, (_, at) => (at * 1237) % 4500);
    const some = (of: Rows) =>
      pick(
        of.filter(({ label }) => label !== 2).slice(50),
        places.map((at) => at % 3000),
      );
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

  it('shares its columns with frames of rows that lie side by side', () => {
    const [numbers] = frameOf(features, stored.slice(100, 4000)).columns;
    const [others] = frameOf(features, stored.slice(200, 4000)).columns;
    const buffersOf = (column: typeof numbers) => (column?.kind === 'numbers' ? column.values.buffer : undefined);
    expect(buffersOf(numbers)).toBe(buffersOf(others));
    expect(numbers?.kind === 'numbers' && numbers.values[0]).toBe(25);
  });

  it('lets some rows stand alone, which stay as they were', () => {
    const picked = pick(
      stored,
      Uint32Array.from({ length: 1000 }, (_, at) => 4999 - 3 * at),
    );
    const alone = picked instanceof StoredRows ? picked.alone() : undefined;
    expect(alone?.store).not.toBe(stored.store);
    const plain = (of: Rows) => Array.from(of, ({ occurredAt, label, cells, group }) => ({ occurredAt, label, cells, group }));
    expect(plain(alone!)).toEqual(plain(picked));
    expect(alone!.alone()).toBe(alone);
  });

  it('orders, parts and joins rows as plain ones are', () => {
    const mixed: Row[] = rows.slice(0, 1000).map((row, at) => ({ ...row, occurredAt: (at * 7919) % 250 }));
    const own = new RowStore(features, 3);
    for (const row of mixed) own.add(row);
    const timesOf = (of: Rows) =>
      joined(of.slice(0, 10), oldestFirst(of).slice(-700)).map(({ occurredAt, cells }) => [occurredAt, ...cells]);
    expect(timesOf(own.rows())).toEqual(timesOf(mixed));
  });
});

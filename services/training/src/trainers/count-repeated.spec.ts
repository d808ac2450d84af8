import fc from 'fast-check';
import { expect, it } from 'vitest';
import { countRepeated } from './count-repeated.js';
import type { Feature, Row } from './row.js';
import { RowStore } from './row-store.js';

const features: Feature[] = [
  { name: 'amount', kind: 'numeric' },
  { name: 'region', kind: 'categorical' },
  { name: 'beside', kind: 'categorical' },
];
const row = fc.record({
  occurredAt: fc.integer(),
  label: fc.constantFrom(0, 1),
  cells: fc.tuple(fc.constantFrom(0, -0, 1, 0.5, Number.NaN), fc.constantFrom('', 'a', 'b', 'ab'), fc.string({ maxLength: 2 })),
});
const parts = fc.tuple(fc.array(row, { maxLength: 30 }), fc.array(row, { maxLength: 30 }));

it('counts the rows of one part whose label and cells stand in the other, wherever both are kept', () => {
  const stored = (rows: readonly Row[]) => {
    const store = new RowStore(features, 1);
    // another order of texts: codes of two stores mean different texts
    store.add({ occurredAt: 0, label: 0, cells: [0, `${rows.length}`, ''] });
    for (const of of rows) store.add(of);
    return store.rows().slice(1);
  };
  fc.assert(
    fc.property(parts, ([training, holdout]) => {
      const keyOf = ({ label, cells }: Row) => JSON.stringify([label, cells[0], cells[1]]);
      const known = new Set(training.map(keyOf));
      const repeated = holdout.filter((of) => known.has(keyOf(of))).length;
      expect(countRepeated(training, holdout, 2)).toBe(repeated);
      expect(countRepeated(stored(training), stored(holdout), 2)).toBe(repeated);
    }),
  );
});

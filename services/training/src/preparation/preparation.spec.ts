import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { frameOf } from '../trainers/frame.js';
import { partsOf } from './dates.js';
import { fitTerms, termsOf } from './terms.js';

describe('partsOf', () => {
  it('reads the calendar as JavaScript does, from the year 1 to 9999', () => {
    fc.assert(
      fc.property(fc.integer({ min: -62_135_596_800, max: 253_402_300_799 }), (seconds) => {
        const date = new Date(seconds * 1000);
        expect(partsOf(seconds)).toEqual({
          year: date.getUTCFullYear(),
          month: date.getUTCMonth() + 1,
          day: date.getUTCDate(),
          weekday: date.getUTCDay(),
          hour: date.getUTCHours(),
        });
      }),
    );
  });

  it('has no parts for what is missing or beyond the calendar', () => {
    for (const seconds of [Number.NaN, 1e300, -1e300, Number.POSITIVE_INFINITY]) expect(partsOf(seconds).year).toBeNaN();
  });
});

describe('terms of texts', () => {
  it('are words in small letters, and pairs of words that follow each other', () => {
    expect(termsOf('Hail  broke the WINDOW')).toEqual(['hail', 'broke', 'the', 'window', 'hail broke', 'broke the', 'the window']);
    expect(termsOf('')).toEqual([]);
  });

  it('count by how often they occur and how rare they are', () => {
    const text = [{ name: 'note', kind: 'text' as const }];
    const notes = [...Array.from({ length: 6 }, () => 'deer'), ...Array.from({ length: 12 }, () => 'hail'), 'deer deer'];
    const [column] = frameOf(
      text,
      notes.map((note, at) => ({ occurredAt: at, label: 0, cells: [note] })),
    ).columns;
    const { parts, compute } = fitTerms(text[0]!, column!);
    expect(parts.map(({ name }) => name)).toEqual(['note: hail', 'note: deer']);
    const [hail, deer] = compute(column!).map((of) => (of.kind === 'numbers' ? of.values : []));
    expect(deer![18]).toBeCloseTo(2 * deer![0]!, 5);
    expect(deer![0]!).toBeGreaterThan(hail![6]!);
  });
});

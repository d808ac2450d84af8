import { describe, expect, it } from 'vitest';
import { Suspects } from './suspects.js';

describe('failures that nobody else was asked about', () => {
  it('do not count while they are those of one key, however many', () => {
    const suspects = new Suspects();
    for (let at = 0; at < 5_000; at++) expect(suspects.note('one', at)).toBe(0);
  });

  it('count, those before too, once another key has them in the same seconds', () => {
    const suspects = new Suspects();
    for (let at = 0; at < 4; at++) suspects.note('one', at);
    expect([suspects.note('other', 100), suspects.note('one', 200)]).toEqual([5, 1]);
  });

  it('are forgotten after a few seconds', () => {
    const suspects = new Suspects();
    suspects.note('one', 0);
    expect([suspects.note('other', 6_000), suspects.note('one', 7_000)]).toEqual([0, 2]);
    expect(suspects.note('other', 20_000)).toBe(0);
  });
});

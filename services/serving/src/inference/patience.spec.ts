import { describe, expect, it } from 'vitest';
import { Patience } from './patience.js';

describe('how long requests are ready to wait', () => {
  it('is anything before one has said it', () => expect(new Patience().ms).toBe(Number.POSITIVE_INFINITY));

  it('is the longest of the last seconds, however many of others have hardly any time', () => {
    const patience = new Patience();
    patience.note(7_500, 0);
    for (let at = 0; at < 100_000; at++) patience.note(0.001, at / 25);
    expect(patience.ms).toBe(7_500);
  });

  it('stays while now and then one has more time than most', () => {
    const patience = new Patience();
    for (let at = 0; at < 60_000; at += 10) {
      patience.note(at % 4_000 === 0 ? 7_500 : 5, at);
      expect(patience.ms).toBe(7_500);
    }
  });

  it('grows at once and is forgotten when nobody has so much time any more', () => {
    const patience = new Patience();
    patience.note(50, 0);
    patience.note(7_500, 1_000);
    expect(patience.ms).toBe(7_500);
    for (let at = 1_000; at < 15_000; at += 100) patience.note(50, at);
    expect(patience.ms).toBe(50);
  });

  it('is what was said last after a long silence', () => {
    const patience = new Patience();
    patience.note(7_500, 0);
    patience.note(20, 1_000_000);
    expect(patience.ms).toBe(20);
  });
});

import { describe, expect, it } from 'vitest';
import { settleTry } from './delivery-outcome.js';

const delays = [1000, 60_000];

describe('a try to deliver', () => {
  it('is a delivery with any 2xx and nothing else', () => {
    for (const status of [200, 201, 202, 204]) expect(settleTry({ status }, 1, delays, 0).outcome).toBe('delivered');
    for (const status of [301, 302, 400, 404, 429, 500]) expect(settleTry({ status }, 1, delays, 0).outcome).toBe('again');
  });

  it('comes again later and later, spread out, and is given up in the end', () => {
    const refused = { error: 'connection refused' };
    expect(settleTry(refused, 1, delays, 0)).toEqual({ outcome: 'again', answer: 'connection refused', afterMs: 800 });
    expect(settleTry(refused, 2, delays, 1)).toMatchObject({ afterMs: 72_000 });
    expect(settleTry(refused, 3, delays, 0.5)).toEqual({ outcome: 'given-up', answer: 'connection refused', isGone: false });
  });

  it('ends for good where the address is gone', () => {
    expect(settleTry({ status: 410 }, 1, delays, 0)).toMatchObject({ outcome: 'given-up', isGone: true });
  });
});

import { validate, version } from 'uuid';
import { expect, it } from 'vitest';
import { newId } from './ids.js';

it('makes ids that sort by the time they were made', () => {
  const ids = Array.from({ length: 5_000 }, newId);
  expect(ids).toEqual([...ids].sort());
  expect(new Set(ids).size).toBe(ids.length);
});

it('makes UUIDs of version 7 with the time of now', () => {
  const before = Date.now();
  const id = newId();
  expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  const time = Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16);
  expect(time).toBeGreaterThanOrEqual(before - 10);
  expect(time).toBeLessThanOrEqual(Date.now() + 10);
  expect(validate(id)).toBe(true);
  expect(version(id)).toBe(7);
});

it('makes ids whose last bits are drawn', () => {
  const last = Array.from({ length: 2_000 }, () => Number.parseInt(newId().slice(-10), 16));
  for (let bit = 0; bit < 40; bit++) {
    const share = last.filter((bits) => Math.floor(bits / 2 ** bit) % 2 === 1).length / last.length;
    expect(share).toBeGreaterThan(0.4);
    expect(share).toBeLessThan(0.6);
  }
});

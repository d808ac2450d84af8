import { expect, it } from 'vitest';
import { z } from 'zod';
import { decodeCursor, encodeCursor, pageOf, pageQuery } from './paging.js';

it('gives a cursor only when there is more', () => {
  const page = pageOf([1, 2, 3], 2, (last) => ({ last }));
  expect(page.items).toEqual([1, 2]);
  expect(decodeCursor(page.nextCursor!, z.object({ last: z.number() }))).toEqual({ last: 2 });
  expect(pageOf([1, 2], 2, (last) => last).nextCursor).toBeNull();
  expect(pageOf([], 2, (last) => last)).toEqual({ items: [], nextCursor: null });
});

it('refuses a cursor it did not give out', () => {
  for (const cursor of ['', 'nonsense', Buffer.from('{"last":"x"}').toString('base64url')]) {
    expect(() => decodeCursor(cursor, z.object({ last: z.number() }))).toThrow('platform.invalid_cursor');
  }
});

it('refuses a cursor with text that cannot be stored', () => {
  expect(() => decodeCursor(encodeCursor('a\u0000'), z.string())).toThrow('platform.invalid_cursor');
});

it('keeps the limit between 1 and 500', () => {
  expect(pageQuery.parse({}).limit).toBe(50);
  for (const limit of ['0', '501', 'many']) expect(pageQuery.safeParse({ limit }).success).toBe(false);
});

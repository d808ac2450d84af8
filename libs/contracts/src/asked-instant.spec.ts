import { expect, it } from 'vitest';
import { askedInstant, pastInstant } from './names.js';

it('a moment that is asked for may have any offset and is read as UTC', () => {
  expect(askedInstant.parse('2026-03-01T10:00:00+02:00')).toBe('2026-03-01T08:00:00.000Z');
  expect(askedInstant.parse('2026-03-01T10:00:00Z')).toBe('2026-03-01T10:00:00.000Z');
  // what an address makes of a plus sign
  expect(askedInstant.safeParse('2026-03-01T10:00:00 02:00').error?.issues[0]?.message).toContain('%2B');
  expect(askedInstant.safeParse('yesterday').success).toBe(false);
});

it('of a moment in the future nothing is known', () => {
  expect(pastInstant.safeParse('2026-03-01T10:00:00Z').success).toBe(Date.now() > Date.parse('2026-03-01T10:00:00Z'));
  expect(pastInstant.safeParse('9999-01-01T00:00:00Z').error?.issues[0]?.message).toContain('lies in the future');
});

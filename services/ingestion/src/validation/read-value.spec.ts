import { describe, expect, it } from 'vitest';
import { readBoolean, readNumber, readTimestamp } from './read-value.js';

describe('readNumber', () => {
  it.each([
    ['0', 0],
    ['42', 42],
    ['-1.5', -1.5],
    ['+3', 3],
    ['.5', 0.5],
    ['5.', 5],
    ['1e3', 1000],
    ['12345678901234567890', 12345678901234567e3],
  ])('reads %s', (text, value) => expect(readNumber(text)).toBe(value));
  it('reads decimals as the language does, whatever their length', () => {
    let seed = 1;
    const next = (below: number) => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed % below;
    };
    for (let i = 0; i < 20_000; i++) {
      const digits = (most: number) => Array.from({ length: next(most) + 1 }, () => next(10)).join('');
      const text = `${next(3) === 0 ? '-' : ''}${digits(12)}${next(3) === 0 ? '' : `.${digits(9)}`}`;
      expect([text, readNumber(text)]).toEqual([text, Number(text)]);
    }
  });
  it.each(['1.2.3', '1..', '-', '-.', '1-2'])('refuses %j', (text) => expect(readNumber(text)).toBeNaN());
  it.each(['', ' ', '1 ', '0x1F', '1,5', 'NaN', 'Infinity', '--1', '1e', '.', '٣'])('refuses %j', (text) =>
    expect(readNumber(text)).toBeNaN(),
  );
  it('refuses a million digits and a letter as fast as it reads them', () => {
    for (const text of ['1'.repeat(1_000_000), `${'1'.repeat(1_000_000)}.`]) expect(readNumber(`${text}x`)).toBeNaN();
  });
  it.each([null, true, {}, []])('refuses %j', (value) => expect(readNumber(value)).toBeNaN());
});

describe('readTimestamp', () => {
  it.each([
    ['1990-01-08', '1990-01-08T00:00:00.000Z'],
    ['2000-02-29', '2000-02-29T00:00:00.000Z'],
    ['0001-01-01', '0001-01-01T00:00:00.000Z'],
    ['2024-05-06T07:08:09.123456Z', '2024-05-06T07:08:09.123Z'],
    ['2024-05-06 07:08', '2024-05-06T07:08:00.000Z'],
    ['2024-05-06T07:08:09+02:00', '2024-05-06T05:08:09.000Z'],
    ['2024-05-06T07:08:09-0530', '2024-05-06T12:38:09.000Z'],
  ])('reads %s in UTC', (text, instant) => expect(new Date(readTimestamp(text)).toISOString()).toBe(instant));

  it.each(['1990-02-30', '1900-02-29', '1990-13-01', '1990-1-8', '08/01/1990', '2024-05-06T25:00', 'today', ''])('refuses %j', (text) =>
    expect(readTimestamp(text)).toBeNaN(),
  );
});

describe('readBoolean', () => {
  it('reads true and false in any case and nothing else', () => {
    expect(['true', 'FALSE', true, '1', 1, 'yes'].map(readBoolean)).toEqual([true, false, true, undefined, undefined, undefined]);
  });
});

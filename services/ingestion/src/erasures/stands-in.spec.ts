import { expect, it } from 'vitest';
import { standsIn } from './stands-in.js';

it.each([
  ['E2,1990-01-08', true],
  ['{"claim":"E2"', true],
  ['E21;E2', true],
  ['x E2', true],
  ['E21', false],
  ['1E2', false],
  ['éE2', false],
  ['𝔸E2', false],
  ['E2𝔸', false],
  ['💥E2💥', true],
  ['', false],
])('a value stands in the unreadable text %j as a word of its own: %s', (text, expected) => expect(standsIn(text, 'E2')).toBe(expected));

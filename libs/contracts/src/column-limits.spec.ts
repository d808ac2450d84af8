import { expect, it } from 'vitest';
import { limitFault } from './column-limits.js';

it.each<[object, unknown, boolean]>([
  [{ minimum: 0, maximum: 600 }, 0, true],
  [{ minimum: 0, maximum: 600 }, 600, true],
  [{ minimum: 0, maximum: 600 }, -1, false],
  [{ minimum: 0, maximum: 600 }, '601', false],
  [{ exclusiveMinimum: 0, exclusiveMaximum: 1 }, 0, false],
  [{ exclusiveMinimum: 0, exclusiveMaximum: 1 }, 1, false],
  [{ exclusiveMinimum: 0, exclusiveMaximum: 1 }, 0.5, true],
  [{ minimum: 0 }, null, true],
  [{ minimum: 0 }, '', true],
  [{ minimum: 0 }, Number.NaN, true],
  [{ minimum: 0 }, 'no number', true],
  [{ allowed: ['Small', 'Large'] }, 'Small', true],
  [{ allowed: ['Small', 'Large'] }, 'small', false],
  [{ allowed: ['Small', 'Large'] }, '', true],
  [{ allowed: ['1'] }, 1, true],
  [{}, 'anything', true],
])('of a column with the limits %j the value %j is within: %s', (limits, value, isWithin) => {
  expect(limitFault(limits, value) === undefined).toBe(isWithin);
});

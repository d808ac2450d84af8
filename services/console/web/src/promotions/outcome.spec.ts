import { expect, it } from 'vitest';
import { outcomeOf } from './outcome';

it.each([
  ['completed', [], 'completed'],
  ['rolled-back', ['errors rose'], 'rolled back'],
  ['aborted', ['wrong file'], 'aborted'],
  ['refused', ['denied by ada: no'], 'refused'],
  ['refused', ['withdrawn by sam: too early'], 'withdrawn'],
  ['refused', ['nothing was decided before 2026-03-01T00:00:00.000Z'], 'expired'],
  ['approved', [], 'rollout under way'],
])('a promotion that is %s because of %j is shown as %s', (status, reasons, text) => {
  expect(outcomeOf({ status, reasons }).text).toBe(text);
});

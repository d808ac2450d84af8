import { absent, readReference } from '@bascule/testing/reference-data';
import { describe, expect, it } from 'vitest';
import { phaseOf } from './phase.js';

const file = 'vectors/canary_semantics_argo.json';
const missing = absent(file);

interface Published {
  evaluate: { success: string; failure: string; phase: string; note?: string }[];
  expressions: { result: unknown; expr: string; value?: boolean; error?: string }[];
}
const published = readReference<Published>(file, { evaluate: [], expressions: [] });

/** The conditions of the published cases as code; what Argo cannot evaluate throws here as well. */
const conditionOf = (text: string) => {
  if (text === '') return undefined;
  return () => {
    if (text === 'true' || text === 'false') return text === 'true';
    throw new ReferenceError(text);
  };
};

describe.skipIf(missing)(`the phases of Argo Rollouts${missing}`, () => {
  it.each(published.evaluate)('success "$success", failure "$failure" is $phase', ({ success, failure, phase }) => {
    expect(phaseOf(conditionOf(success), conditionOf(failure))).toBe(phase.toLowerCase());
  });
});

describe('a condition', () => {
  it('that is no yes or no is an error, never a success', () => {
    expect(phaseOf(() => 1 as never, undefined)).toBe('error');
    expect(phaseOf(undefined, () => 1 as never)).toBe('error');
  });
});

import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { phaseOf } from './phase.js';

const folder = process.env['BASCULE_REFERENCE_DATA'] ?? resolve(import.meta.dirname, '../../../../../shared');
const file = join(folder, 'vectors/canary_semantics_argo.json');
const isThere = existsSync(file);

interface Published {
  evaluate: { success: string; failure: string; phase: string; note?: string }[];
  expressions: { result: unknown; expr: string; value?: boolean; error?: string }[];
}
// vitest reads the body of a skipped suite as well
const published: Published = isThere ? JSON.parse(readFileSync(file, 'utf8')) : { evaluate: [], expressions: [] };

/** The conditions of the published cases as code; what Argo cannot evaluate throws here as well. */
const conditionOf = (text: string) => {
  if (text === '') return undefined;
  return () => {
    if (text === 'true' || text === 'false') return text === 'true';
    throw new ReferenceError(text);
  };
};

describe.skipIf(!isThere)(
  `the phases of Argo Rollouts${isThere ? '' : ` (skipped: ${file} not found; set BASCULE_REFERENCE_DATA)`}`,
  () => {
    it.each(published.evaluate)('success "$success", failure "$failure" is $phase', ({ success, failure, phase }) => {
      expect(phaseOf(conditionOf(success), conditionOf(failure))).toBe(phase.toLowerCase());
    });
  },
);

describe('a condition', () => {
  it('that is no yes or no is an error, never a success', () => {
    expect(phaseOf(() => 1 as never, undefined)).toBe('error');
    expect(phaseOf(undefined, () => 1 as never)).toBe('error');
  });
});

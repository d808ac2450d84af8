import { readFileSync } from 'node:fs';
import { definedErrors, retryAdviceOf, retryRow } from '@bascule/platform';
import { describe, expect, it } from 'vitest';
import './admission/errors.js';
import './batch-jobs/errors.js';
import './errors.js';

const table = readFileSync(new URL('../../../docs/retries.md', import.meta.url), 'utf8').split('\n');
const ofServing = definedErrors().filter(({ code }) => code.startsWith('serving.'));

describe('docs/retries.md', () => {
  it('says for every error of serving whether to send the request again (else run: node tools/generate-docs.mjs)', () => {
    expect(ofServing.length).toBeGreaterThan(30);
    for (const definition of ofServing) expect(table).toContain(retryRow(definition));
  });

  it('tells nobody to repeat what will fail the same way, nor to give up what will pass', () => {
    for (const definition of ofServing) {
      const { again } = retryAdviceOf(definition);
      const isPassing = ['throttled', 'unavailable', 'deadline'].includes(definition.kind);
      expect({ code: definition.code, isRepeated: again !== 'no' }).toEqual({ code: definition.code, isRepeated: isPassing });
    }
  });
});

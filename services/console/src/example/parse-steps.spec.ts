import { expect, it } from 'vitest';
import { parseSteps } from './parse-steps.js';

it('reads whole lines and leaves out the one still being written', () => {
  const whole = '{"name":"ingest","ok":true,"ms":12,"detail":"x"}\n';
  expect(parseSteps(`${whole}{"name":"tra`)).toEqual([{ name: 'ingest', ok: true, ms: 12, detail: 'x' }]);
  expect(parseSteps('')).toEqual([]);
});

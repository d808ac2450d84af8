import { expect, it } from 'vitest';
import { traceparentOf } from './caller.js';

const trace = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

it.each([
  ['as it is', trace, trace],
  ['of a later version without what follows', `cc${trace.slice(2)}-what-comes`, `cc${trace.slice(2)}`],
  ['not when it is missing', undefined, undefined],
  ['not in capitals', trace.toUpperCase(), undefined],
  ['not of a trace of zeros', `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`, undefined],
  ['not of a parent of zeros', `00-4bf92f3577b34da6a3ce929d0e0e4736-${'0'.repeat(16)}-01`, undefined],
  ['not of version ff', `ff${trace.slice(2)}`, undefined],
  ['not with more behind it in version 00', `${trace}-more`, undefined],
  ['not as a list', [trace], undefined],
  ['not of any length', `cc${trace.slice(2)}-${'x'.repeat(10_000)}`, undefined],
])('a traceparent is passed on %s', (_case, header, expected) => {
  expect(traceparentOf(header)).toBe(expected);
});

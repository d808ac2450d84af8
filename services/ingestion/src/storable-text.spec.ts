import { describe, expect, it } from 'vitest';
import { storageFault } from './storable-text.js';

describe('storageFault', () => {
  it.each<[string, unknown, unknown]>([
    ['U+0000 in a value', { a: [{ b: 'x\0' }] }, { path: ['a', '0', 'b'], kind: 'unstorable_text' }],
    ['U+0000 in a name', { a: { '\0': 1 } }, { path: ['a'], kind: 'unstorable_text' }],
    ['half a surrogate pair', { a: '\ud800' }, { path: ['a'], kind: 'unstorable_text' }],
    [
      'nesting that a stack cannot follow',
      JSON.parse(`{"a":${'['.repeat(50_000)}${']'.repeat(50_000)}}`),
      { path: ['a'], kind: 'too_deep' },
    ],
  ])('finds %s', (_what, value, fault) => expect(storageFault(value)).toMatchObject(fault as object));

  it('finds nothing in ordinary values', () => expect(storageFault({ a: ['💥', 1, null, true, { b: '\u0001' }] })).toBeUndefined());
});

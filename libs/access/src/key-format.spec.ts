import { expect, it } from 'vitest';
import { hashSecret, newKey, parseToken } from './key-format.js';

it('makes keys that can be taken apart again', () => {
  const { keyId, secret, token } = newKey();
  expect(token).toBe(`bsc_${keyId}_${secret}`);
  expect(parseToken(token)).toEqual({ keyId, secret });
});

it('never makes the same key twice', () => {
  const keys = Array.from({ length: 1000 }, newKey);
  expect(new Set(keys.map(({ keyId }) => keyId)).size).toBe(1000);
  expect(new Set(keys.map(({ secret }) => hashSecret(secret))).size).toBe(1000);
});

it.each(['', 'bsc_', 'bsc_short_secret', 'eyJhbGciOiJIUzI1NiJ9.e30.x', `bsc_${'A'.repeat(12)}_${'a'.repeat(43)}`])(
  'does not take %s for a key',
  (token) => {
    expect(parseToken(token)).toBeUndefined();
  },
);

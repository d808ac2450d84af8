import type { AccessEntry } from '@bascule/contracts';
import { expect, it } from 'vitest';
import { hashSecret, newKey } from './key-format.js';
import { KnownKeys } from './known-keys.js';

function known() {
  const keys = new KnownKeys();
  const { keyId, secret, token } = newKey();
  const grant = { identity: 'ada', roles: [], models: ['*'], datasets: [], revokedAt: null };
  const entry: AccessEntry = { keyId, secretHash: hashSecret(secret), ...grant };
  keys.put(keyId, entry);
  return { keys, keyId, token, entry };
}

it('knows a key again after it was shown, and only with its whole secret', () => {
  const { keys, keyId, token } = known();
  const other = `bsc_${keyId}_${newKey().secret}`;
  expect(() => keys.authenticate(other)).toThrow('access.key_unknown');
  const credential = keys.authenticate(token);
  expect(keys.authenticate(token)).toBe(credential);
  expect(() => keys.authenticate(other)).toThrow('access.key_unknown');
  for (let at = 17; at < token.length; at++) {
    const changed = token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1);
    expect(() => keys.authenticate(changed)).toThrow('access.key_unknown');
    // a letter of two bytes whose lower one is right
    const wide = token.slice(0, at) + String.fromCharCode(token.charCodeAt(at) + 256) + token.slice(at + 1);
    expect(() => keys.authenticate(wide)).toThrow('access.key_unknown');
  }
});

it('follows each change of an entry at once: revoked, given another secret, limited, gone', () => {
  const { keys, keyId, token, entry } = known();
  keys.authenticate(token);
  keys.put(keyId, { ...entry, revokedAt: '2026-01-01T00:00:00Z' });
  expect(() => keys.authenticate(token)).toThrow('access.key_revoked');
  keys.put(keyId, { ...entry, limits: { rowsPerDay: 5 } });
  expect(keys.authenticate(token).limits).toEqual({ rowsPerDay: 5 });
  keys.put(keyId, { ...entry, secretHash: hashSecret(newKey().secret) });
  expect(() => keys.authenticate(token)).toThrow('access.key_unknown');
  keys.put(keyId, undefined);
  expect(keys.size).toBe(0);
  expect(() => keys.authenticate(token)).toThrow('access.key_unknown');
});

it('does not tell a stranger that a key was revoked', () => {
  const { keys, keyId, entry } = known();
  keys.put(keyId, { ...entry, revokedAt: '2026-01-01T00:00:00Z' });
  expect(() => keys.authenticate(`bsc_${keyId}_${newKey().secret}`)).toThrow('access.key_unknown');
});

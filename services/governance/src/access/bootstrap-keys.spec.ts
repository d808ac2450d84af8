import assert from 'node:assert/strict';
import { newKey } from '@bascule/access';
import { describe, it } from 'vitest';
import { parseBootstrapKeys } from './bootstrap-keys.js';

describe('the file of first keys', () => {
  it('gives one local identity per role', () => {
    const { token, keyId, secret } = newKey();
    assert.deepEqual(parseBootstrapKeys(JSON.stringify({ auditor: token })), [
      { role: 'auditor', identity: 'auditor@local', keyId, secret },
    ]);
  });

  it('is refused as a whole when one key or role is not one', () => {
    const { token } = newKey();
    for (const text of [
      '',
      '[]',
      'null',
      '{"admin":"secret"}',
      JSON.stringify({ king: token }),
      JSON.stringify({ admin: token, client: 1 }),
    ]) {
      assert.equal(parseBootstrapKeys(text), undefined, text);
    }
  });
});

import { generateKeyPairSync } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '@bascule/testing';
import { expect, it } from 'vitest';
import { shareProvenanceKey } from './provenance-key.js';

it('the registry trusts the key that training signs with, and its successor beside it', () => {
  const folder = temporaryFolder('keys');
  const [own, shared] = [join(folder, 'provenance-key.pem'), join(folder, 'registry', 'provenance-keys.pem')];
  const keys = () => readFileSync(shared, 'utf8').match(/BEGIN PUBLIC KEY/g)?.length;
  shareProvenanceKey(own, shared);
  const first = readFileSync(own, 'utf8');
  shareProvenanceKey(own, shared);
  expect([readFileSync(own, 'utf8'), keys(), statSync(own).mode & 0o777]).toEqual([first, 1, 0o600]);
  expect(readFileSync(shared, 'utf8')).not.toContain('PRIVATE');
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  writeFileSync(own, privateKey.export({ format: 'pem', type: 'pkcs8' }));
  shareProvenanceKey(own, shared);
  expect(keys()).toBe(2);
});

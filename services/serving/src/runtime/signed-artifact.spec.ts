import { generateKeyPairSync } from 'node:crypto';
import { signModel } from '@bascule/proofs';
import { expect, it } from 'vitest';
import { isTampered } from './load-reasons.js';
import { signedArtifactFaults } from './signed-artifact.js';

const pair = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });
const pemOf = ({ publicKey }: ReturnType<typeof pair>) => publicKey.export({ format: 'pem', type: 'spki' }).toString();
const [trusted, other] = [pair(), pair()];
const artifactDigest = 'a'.repeat(64);
const bundle = signModel('claims/1', [{ name: 'model.onnx', digest: artifactDigest }], trusted.privateKey);
const signed = { digest: 'b'.repeat(64), publicKey: pemOf(trusted) };

it('an artifact is loaded when the key it was approved with signed it', () => {
  expect(signedArtifactFaults(bundle, { artifactDigest, signed })).toEqual([]);
});

it.each([
  ['another key signed it', { artifactDigest, signed: { ...signed, publicKey: pemOf(other) } }, bundle],
  ['the signature covers other bytes', { artifactDigest: 'c'.repeat(64), signed }, bundle],
  ['the signature is garbage', { artifactDigest, signed }, '{}'],
  ['the key is garbage', { artifactDigest, signed: { ...signed, publicKey: 'x' } }, bundle],
])('an artifact is refused for good when %s', (_, routed, text) => {
  const faults = signedArtifactFaults(text, routed);
  expect(faults).toHaveLength(1);
  expect(isTampered(faults)).toBe(true);
});

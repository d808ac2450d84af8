import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { isMadeAs, type Provenance, signProvenance, verifyProvenance } from './provenance.js';

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const publicKey = createPublicKey(privateKey);
const digest = (letter: string) => letter.repeat(64);
const provenance: Provenance = {
  subjects: [{ name: 'model.onnx', digest: digest('a') }],
  buildType: 'https://example.org/run/v1',
  externalParameters: { trainer: 'prior', params: { l2: 1 } },
  internalParameters: { seed: 7 },
  dependencies: [{ name: 'dataset', digest: digest('b'), annotations: { contract: 'claims@2' } }],
  builder: { id: 'https://example.org/training', version: { training: '1.0.0' } },
  invocationId: 'run-1',
  startedOn: '2026-01-01T00:00:00Z',
  finishedOn: '2026-01-01T00:01:00Z',
  byproducts: [{ name: 'profile.json', digest: digest('c') }],
};
const envelope = signProvenance(provenance, privateKey);
const changed = (change: (statement: Record<string, unknown>) => void): string => {
  const parsed = JSON.parse(envelope) as { payload: string };
  const statement = JSON.parse(Buffer.from(parsed.payload, 'base64').toString()) as Record<string, unknown>;
  change(statement);
  return JSON.stringify({ ...parsed, payload: Buffer.from(JSON.stringify(statement)).toString('base64') });
};

describe('the provenance of a model', () => {
  it('says again what was signed, to whoever trusts the key', () => {
    const verdict = verifyProvenance(envelope, [publicKey]);
    expect(verdict).toEqual({ ok: true, provenance });
    expect(verdict.ok && isMadeAs(verdict.provenance, digest('a'))).toBe(true);
    expect(verdict.ok && isMadeAs(verdict.provenance, digest('b'))).toBe(false);
  });

  it('is an in-toto statement with the SLSA predicate in a DSSE envelope', () => {
    const { payloadType, payload, signatures } = JSON.parse(envelope);
    expect(payloadType).toBe('application/vnd.in-toto+json');
    expect(signatures).toHaveLength(1);
    expect(JSON.parse(Buffer.from(payload, 'base64').toString())).toMatchObject({
      _type: 'https://in-toto.io/Statement/v1',
      subject: [{ name: 'model.onnx', digest: { sha256: digest('a') } }],
      predicateType: 'https://slsa.dev/provenance/v1',
    });
  });

  it('is refused when a word of it was changed', () => {
    const forged = changed((statement) => Object.assign(statement, { subject: [{ name: 'model.onnx', digest: { sha256: digest('d') } }] }));
    expect(verifyProvenance(forged, [publicKey])).toEqual({ ok: false, reason: 'no trusted key made a signature' });
  });

  it('is refused when another key signed it', () => {
    const other = createPublicKey(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey);
    expect(verifyProvenance(envelope, [other]).ok).toBe(false);
    expect(verifyProvenance(envelope, []).ok).toBe(false);
  });

  it.each(['', 'null', '{}', '[]', '{"payloadType":"x"}', '{"payloadType":"application/vnd.in-toto+json","payload":"%%","signatures":7}'])(
    'is refused as %s',
    (text) => {
      expect(verifyProvenance(text, [publicKey]).ok).toBe(false);
    },
  );
});

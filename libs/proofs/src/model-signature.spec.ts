import { createHash, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { absent, referencePath } from '@bascule/testing/reference-data';
import { describe, expect, it } from 'vitest';
import { hintedKeyId, modelFileFaults, modelKeyId, signModel, verifyModelBundle } from './model-signature.js';

const folder = referencePath('vectors/model-signing');
const missing = absent('vectors/model-signing');
const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const other = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const digest = (text: string) => createHash('sha256').update(text).digest('hex');
const files = [
  { name: 'model.onnx', digest: digest('weights') },
  { name: 'card.md', digest: digest('card') },
];

describe('a signed model', () => {
  const bundle = signModel('claims/1', files, privateKey);

  it.each(['P-256', 'P-384', 'P-521'])('is verified offline with a key on curve %s', (namedCurve) => {
    const pair = generateKeyPairSync('ec', { namedCurve });
    const verdict = verifyModelBundle(signModel('claims/1', files, pair.privateKey), [publicKey, pair.publicKey]);
    expect(verdict).toMatchObject({ ok: true, statement: { name: 'claims/1' } });
    if (verdict.ok) expect(modelFileFaults(verdict.statement, files)).toEqual([]);
  });

  it('names the key it was signed with', () => {
    expect(hintedKeyId(bundle)).toBe(modelKeyId(publicKey));
  });

  it('is refused when no trusted key signed it', () => {
    expect(verifyModelBundle(bundle, [other.publicKey])).toEqual({ ok: false, reason: 'no trusted key made this signature' });
    expect(verifyModelBundle(bundle, [])).toMatchObject({ ok: false });
  });

  it('is refused when a single character of the payload changes', () => {
    const parsed = JSON.parse(bundle);
    const payload = Buffer.from(parsed.dsseEnvelope.payload, 'base64').toString().replace('claims/1', 'claims/2');
    parsed.dsseEnvelope.payload = Buffer.from(payload).toString('base64');
    expect(verifyModelBundle(JSON.stringify(parsed), [publicKey])).toMatchObject({ ok: false });
  });

  it('tells which file is missing, changed or new', () => {
    const verdict = verifyModelBundle(bundle, [publicKey]);
    if (!verdict.ok) throw new Error(verdict.reason);
    const found = [
      { name: 'model.onnx', digest: digest('other weights') },
      { name: 'extra.bin', digest: digest('extra') },
    ];
    expect(modelFileFaults(verdict.statement, found)).toEqual(['card.md is missing', 'model.onnx was changed', 'extra.bin was not signed']);
  });

  it('is refused, and nothing more, when it is garbage', () => {
    const garbage = ['', 'nonsense', '[]', '{}', '{"mediaType":1}', bundle.slice(0, -1), bundle.replace('"sig":"', '"sig":"!')];
    expect(garbage.map((text) => verifyModelBundle(text, [publicKey]).ok)).toEqual(garbage.map(() => false));
  });
});

describe.skipIf(missing)(`a model signed by the reference implementation${missing}`, () => {
  const at = (name: string) => readFileSync(join(folder, 'v1.1.0-elliptic-key', name));
  const pem = () =>
    /-----BEGIN PUBLIC KEY-----[\s\S]+-----END PUBLIC KEY-----/.exec(readFileSync(join(folder, 'signing-key-pub.pem'), 'utf8'))![0];

  it('is verified with its files, and refused when one is changed', () => {
    const verdict = verifyModelBundle(at('model.sig').toString(), [createPublicKey(pem())]);
    if (!verdict.ok) throw new Error(verdict.reason);
    const present = ['signme-1', 'signme-2', 'ignore-me', 'model.sig'].map((name) => ({
      name,
      digest: createHash('sha256').update(at(name)).digest('hex'),
    }));
    expect(modelFileFaults(verdict.statement, present)).toEqual([]);
    expect(modelFileFaults(verdict.statement, [{ name: 'signme-1', digest: digest('x') }, ...present.slice(1)])).toEqual([
      'signme-1 was changed',
    ]);
    expect(hintedKeyId(at('model.sig').toString())).toBe(modelKeyId(createPublicKey(pem())));
    expect(verifyModelBundle(at('model.sig').toString(), [publicKey]).ok).toBe(false);
  });
});

import { createHash, createPublicKey } from 'node:crypto';
import { runSucceeded } from '@bascule/contracts';
import { modelFileFaults, verifyModelBundle } from '@bascule/proofs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { finishRun, model } from './run-event.js';
import { type Registry, startRegistry } from './start-registry.js';

let registry: Registry;
beforeAll(async () => {
  registry = await startRegistry();
  await registry.publish(runSucceeded, await finishRun(registry, 'signed'));
  await registry.waitFor('registry.version.registered.v1');
});
afterAll(() => registry?.stop());

const version = `/v1/models/${model}/versions/1`;
const keys = async () => (await registry.call('ada', 'GET', '/v1/signing-keys')).body.items;
const signature = async () => (await registry.call('ada', 'GET', `${version}/signature`)).body;
const promote = () => registry.call('sam', 'POST', `${version}/promotions`, { environment: 'production' });

describe('a registered version', () => {
  it('is signed, and anybody verifies it with the bundle, the key and the files', async () => {
    const { isGood, bundle, keyId, signatureDigest } = await signature();
    const [key] = await keys();
    expect({ isGood, keyId, status: key.status }).toEqual({ isGood: true, keyId: key.keyId, status: 'active' });
    const { body } = await registry.call('ada', 'GET', version);
    const verdict = verifyModelBundle(JSON.stringify(bundle), [createPublicKey(key.publicKey)]);
    if (!verdict.ok) throw new Error(verdict.reason);
    const model = {
      name: 'model.onnx',
      digest: createHash('sha256')
        .update(await registry.objects.get(body.artifactDigest))
        .digest('hex'),
    };
    const profile = { name: 'reference-profile.json', digest: body.profileDigest };
    expect(modelFileFaults(verdict.statement, [model, profile])).toEqual([]);
    const event = await registry.waitFor('registry.version.signed.v1');
    expect(event.data).toMatchObject({ version: 1, keyId, signatureDigest });
  });

  it('has a bill of materials, which stays as it is whatever is said about the version later', async () => {
    const { headers, body } = await registry.call('ada', 'GET', `${version}/bom`);
    expect(headers.get('content-type')).toContain('application/vnd.cyclonedx+json');
    expect(body).toMatchObject({
      bomFormat: 'CycloneDX',
      specVersion: '1.6',
      metadata: {
        component: {
          type: 'machine-learning-model',
          name: model,
          version: '1',
          hashes: [{ alg: 'SHA-256', content: expect.stringMatching(/^[0-9a-f]{64}$/) }],
        },
      },
    });
    const refs = body.components.map((part: { 'bom-ref': string }) => part['bom-ref']);
    expect(refs.some((ref: string) => ref.startsWith('dataset:birdstrikes@'))).toBe(true);
    expect(body.dependencies[0].dependsOn).toEqual(refs);
    expect((await registry.call('sam', 'PATCH', version, { description: 'said later', tags: { later: 'yes' } })).status).toBe(200);
    expect((await registry.call('ada', 'GET', `${version}/bom`)).body).toEqual(body);
  });
});

describe('a signing key', () => {
  it('is rotated: what it signed stays good', async () => {
    expect((await registry.call('sam', 'POST', '/v1/signing-keys', { reason: 'yearly' })).status).toBe(403);
    const { body } = await registry.call('root', 'POST', '/v1/signing-keys', { reason: 'yearly' });
    expect(body).toMatchObject({ status: 'active', changedBy: 'root', reason: 'yearly' });
    expect((await keys()).map(({ status }: { status: string }) => status)).toEqual(['active', 'retired']);
    expect(await signature()).toMatchObject({ isGood: true, faults: [] });
    await registry.publish(runSucceeded, await finishRun(registry, 'signed by the next'));
    await registry.waitFor('registry.version.registered.v1', 2);
    const next = (await registry.call('ada', 'GET', `/v1/models/${model}/versions/2/signature`)).body;
    expect(next).toMatchObject({ isGood: true, keyId: body.keyId });
  });

  it('is revoked: nothing it signed goes up until it is signed again', async () => {
    const { keyId } = await signature();
    await registry.call('root', 'POST', `/v1/signing-keys/${keyId}/revoke`, { reason: 'the laptop was stolen' });
    expect(await signature()).toMatchObject({ isGood: false, faults: [expect.stringContaining('was revoked: the laptop was stolen')] });
    expect(await promote()).toMatchObject({ status: 422, body: { errors: [{ path: 'signature-verified' }] } });
    const { body } = await registry.call('root', 'POST', `${version}/signature`);
    expect(body).toMatchObject({ isGood: true });
    expect(body.keyId).not.toBe(keyId);
    expect((await promote()).status).toBe(201);
  });

  it('that signs now is revoked: a new one takes over at once', async () => {
    const [active] = (await keys()).filter(({ status }: { status: string }) => status === 'active');
    await registry.call('root', 'POST', `/v1/signing-keys/${active.keyId}/revoke`, { reason: 'the backup was published' });
    const left = (await keys()).filter(({ status }: { status: string }) => status === 'active');
    expect(left).toHaveLength(1);
    expect(left[0].keyId).not.toBe(active.keyId);
  });
});

it('a signature that was altered in the store is no signature', async () => {
  const { signatureDigest } = (await registry.call('root', 'POST', `${version}/signature`)).body;
  await registry.objects.delete(signatureDigest);
  expect(await signature()).toMatchObject({ isGood: false, faults: [expect.stringContaining('not in the object store')], bundle: null });
});

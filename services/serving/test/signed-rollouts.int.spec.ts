import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { modelLoadRefused, promotionApproved } from '@bascule/contracts';
import { Publisher } from '@bascule/messaging';
import { newId } from '@bascule/platform';
import { signModel } from '@bascule/proofs';
import { eventually, testDatabase } from '@bascule/testing';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { migrations } from '../src/migrations/index.js';
import { scaleModel, scaleSignature } from './onnx-models.js';
import { call, type Running, ready, type ServingStack, servingStack } from './serving-stack.js';

const modelName = 'signed';
const trusted = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const other = generateKeyPairSync('ec', { namedCurve: 'P-256' });

describe('a version approved with a signature', () => {
  let stack: ServingStack;
  let database: Awaited<ReturnType<typeof testDatabase>>;
  let serving: Running;
  let operator: string;

  beforeAll(async () => {
    stack = await servingStack();
    database = await testDatabase('serving', migrations);
    operator = await stack.key(['operator']);
    serving = await stack.start({ SERVING_ROLES: 'control,gateway', DATABASE_URL: database.url });
    await ready(serving);
  });
  afterAll(async () => {
    await stack?.stop();
    await database?.stop();
  });

  async function approve(version: number, signer: KeyObject): Promise<void> {
    const { digest, sizeBytes } = await stack.objects.put(scaleModel(version));
    const bundle = await stack.objects.put(Buffer.from(signModel(`${modelName}/${version}`, [{ name: 'model.onnx', digest }], signer)));
    await serving.app.get(Publisher, { strict: false }).publishEvent({
      definition: promotionApproved,
      data: {
        promotionId: newId(),
        modelName,
        version,
        environment: 'production',
        requestedBy: 'scientist@test',
        approvedBy: 'approver@test',
        artifactDigest: digest,
        artifactSizeBytes: sizeBytes,
        signature: scaleSignature,
        strategy: { steps: [100] },
        signatureDigest: bundle.digest,
        signingKey: trusted.publicKey.export({ format: 'pem', type: 'spki' }).toString(),
      },
    });
  }
  async function ends(version: number, status: string): Promise<void> {
    await eventually(async () => {
      const { items } = (await call(`${serving.url}/v1/rollouts?model=${modelName}`, operator)).body;
      assert.equal(items.find((item: { version: number }) => item.version === version)?.status, status);
    });
  }
  const answeredBy = async () => {
    const inputs = [{ name: 'x', shape: [1, 1], datatype: 'FP32', data: [1] }];
    return (await call(`${serving.url}/v2/models/${modelName}/infer`, operator, { body: { inputs } })).body.model_version;
  };

  it('goes up when that key signed it, and is refused for good when another did', async () => {
    await approve(1, trusted.privateKey);
    await ends(1, 'completed');
    await eventually(async () => assert.equal(await answeredBy(), '1'));

    await approve(2, other.privateKey);
    await ends(2, 'aborted');
    const refused = await stack.connection.jsm.streams.getMessage('SERVING', { last_by_subj: modelLoadRefused.type });
    assert.match(String(refused?.json<{ reasons: string[] }>().reasons), /tampered.*no trusted key made this signature/);
    assert.equal(await answeredBy(), '1');
  });
});

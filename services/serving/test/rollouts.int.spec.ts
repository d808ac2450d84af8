import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject, type KeyPairKeyObjectResult as Keys, randomUUID } from 'node:crypto';
import {
  aliasMoved,
  buckets,
  type CanaryJudged,
  canaryJudged,
  type Environment,
  type EventDefinition,
  freezeKey,
  loopUnfrozen,
  modelLoadRefused,
  promotionApproved,
  type RolloutAborted,
  rolloutAborted,
  rolloutCompleted,
  rolloutRolledBack,
  rolloutStarted,
  routingEntry,
} from '@bascule/contracts';
import { KvWriter } from '@bascule/messaging';
import { signModel } from '@bascule/proofs';
import { eventually } from '@bascule/testing';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { scaleModel } from './onnx-models.js';
import { type RolloutStack, rolloutStack } from './rollout-stack.js';
import { call } from './serving-stack.js';

describe('a rollout', () => {
  let stack: RolloutStack;

  beforeAll(async () => {
    stack = await rolloutStack();
  });
  afterAll(() => stack?.stop());

  const infer = (model: string, key = randomUUID()) =>
    call(`${stack.url}/v2/models/${model}/infer`, stack.operator, {
      body: { parameters: { routing_key: key }, inputs: [{ name: 'x', shape: [1, 1], datatype: 'FP32', data: [1] }] },
    });

  const approve = (modelName: string, version: number, factor: number, steps: number[]): Promise<string> =>
    stack.approve({ modelName, version, model: scaleModel(factor), strategy: { steps } });

  async function rollout(modelName: string, version: number, status: string, step = 0) {
    return eventually(async () => {
      const { items } = await stack.get(`/v1/rollouts?model=${modelName}`);
      const found = items.find((item: { version: number }) => item.version === version);
      assert.equal(found?.status, status);
      assert.equal(found?.step, step);
      return found;
    });
  }

  async function judge(rolloutId: string, modelName: string, step: number, verdict: CanaryJudged['data']['verdict']): Promise<void> {
    await stack.publisher.publishEvent({
      definition: canaryJudged,
      data: { rolloutId, modelName, version: 2, step, verdict, reasons: [`${verdict} on the evidence`], evidence: {} },
    });
  }

  async function published(definition: EventDefinition, rolloutId: string): Promise<number> {
    const { streams } = stack.connection.jsm;
    const { state } = await streams.info('SERVING');
    let count = 0;
    for (let sequence = state.first_seq; sequence <= state.last_seq; sequence++) {
      const message = await streams.getMessage('SERVING', { seq: sequence });
      if (message?.subject === definition.type && message.json<{ rolloutId?: string }>().rolloutId === rolloutId) count++;
    }
    return count;
  }

  async function withChampion(modelName: string): Promise<void> {
    await approve(modelName, 1, 2, [10, 50, 100]);
    await rollout(modelName, 1, 'completed');
    await eventually(async () => assert.equal((await infer(modelName)).body.model_version, '1'));
  }

  it('is told as a consequence of the promotion', async () => {
    await withChampion('chained');
    const { streams } = stack.connection.jsm;
    const approved = await streams.getMessage('REGISTRY', { last_by_subj: promotionApproved.type });
    const started = await eventually(async () => (await streams.getMessage('SERVING', { last_by_subj: rolloutStarted.type })) ?? false);
    assert.equal(started.header.get('ce-causationid'), approved?.header.get('ce-id'));
    const completed = await eventually(async () => (await streams.getMessage('SERVING', { last_by_subj: rolloutCompleted.type })) ?? false);
    assert.equal(completed.header.get('ce-correlationid'), approved?.header.get('ce-correlationid'));
  });

  it('of the first version completes at once and serves', async () => {
    await withChampion('first');
    const { items } = await stack.get('/v1/endpoints');
    assert.deepEqual(
      items
        .find((item: { modelName: string }) => item.modelName === 'first')
        .versions.map(({ version, percent, role }: never) => ({ version, percent, role })),
      [{ version: 1, percent: 100, role: 'champion' }],
    );
  });

  it('and its endpoint are seen only by keys whose patterns cover the model', async () => {
    await withChampion('hidden');
    await withChampion('shown');
    const { rolloutId } = await rollout('hidden', 1, 'completed');
    const narrow = await stack.key(['client'], ['sho*']);
    const seen = (path: string, body?: object) => call(`${stack.url}${path}`, narrow, body ? { body } : {});
    await eventually(async () => assert.equal((await seen('/v1/endpoints')).status, 200));
    assert.deepEqual(
      (await seen('/v1/endpoints')).body.items.map(({ modelName }: { modelName: string }) => modelName),
      ['shown'],
    );
    const { body: page } = await seen('/v1/rollouts?limit=1');
    assert.deepEqual([page.items.map(({ modelName }: { modelName: string }) => modelName), page.nextCursor], [['shown'], null]);
    assert.deepEqual(new Set((await seen('/v2/repository/index', {})).body.map(({ name }: { name: string }) => name)), new Set(['shown']));
    const doors = [
      '/v1/rollouts?model=hidden',
      `/v1/rollouts/${rolloutId}`,
      '/v1/endpoints/hidden/history',
      '/v2/models/hidden',
      '/v2/models/hidden/ready',
    ];
    for (const path of doors) {
      const { status, body } = await seen(path);
      assert.deepEqual([path, status, body.code], [path, 403, 'access.model_not_allowed']);
    }
  });

  it('goes up step by step on passed verdicts, and the former champion leaves when the alias has moved', async () => {
    await withChampion('canary');
    const promotionId = await approve('canary', 2, 3, [50, 100]);
    const { rolloutId: id } = await rollout('canary', 2, 'running', 0);
    await eventually(async () => {
      const versions = await Promise.all(Array.from({ length: 30 }, async () => (await infer('canary')).body.model_version));
      assert.deepEqual(new Set(versions), new Set(['1', '2']));
    });
    await judge(id, 'canary', 0, 'insufficient-data');
    await judge(id, 'canary', 0, 'pass');
    await rollout('canary', 2, 'running', 1);
    await judge(id, 'canary', 0, 'fail');
    await judge(id, 'canary', 1, 'pass');
    await rollout('canary', 2, 'completed', 1);
    const { steps } = await stack.get(`/v1/rollouts/${id}`);
    assert.deepEqual(
      steps.map(({ move }: { move: string }) => move),
      ['load', 'start', 'stay', 'advance', 'complete'],
    );
    const aliasData = {
      modelName: 'canary',
      version: 2,
      alias: 'champion',
      environment: 'production',
      artifactDigest: 'a'.repeat(64),
      promotionId,
      rolloutId: id,
    } as const;
    await stack.publisher.publishEvent({ definition: aliasMoved, data: aliasData });
    await eventually(async () => {
      const { items } = await stack.get('/v1/endpoints/canary/history');
      assert.deepEqual(
        items[0].versions.map(({ version, percent }: never) => ({ version, percent })),
        [{ version: 2, percent: 100 }],
      );
    });
    const { items: then } = await stack.get(`/v1/endpoints/canary/history?at=${encodeURIComponent(steps[1].at)}`);
    assert.ok(then[0].versions.some(({ percent }: { percent: number }) => percent > 0));
  });

  it('rolls back by itself when judged bad, and no request fails meanwhile', async () => {
    await withChampion('bad');
    await approve('bad', 2, 3, [50, 100]);
    const { rolloutId: id } = await rollout('bad', 2, 'running');
    let isOver = false;
    const failed: number[] = [];
    const load = (async () => {
      while (!isOver) {
        const { status } = await infer('bad');
        if (status !== 200) failed.push(status);
      }
    })();
    await judge(id, 'bad', 0, 'fail');
    await rollout('bad', 2, 'rolled-back');
    await eventually(async () => {
      const versions = await Promise.all(Array.from({ length: 20 }, async () => (await infer('bad')).body.model_version));
      assert.deepEqual(new Set(versions), new Set(['1']));
    });
    isOver = true;
    await load;
    assert.deepEqual(failed, []);
    await eventually(async () => assert.equal(await published(rolloutRolledBack, id), 1));
  });

  it('of a model that cannot be loaded is aborted with the reasons of the gateway', async () => {
    await withChampion('unloadable');
    await stack.approve({ modelName: 'unloadable', version: 2, artifactDigest: 'e'.repeat(64), artifactSizeBytes: 10 });
    const { rolloutId: id } = await rollout('unloadable', 2, 'aborted');
    const { steps } = await stack.get(`/v1/rollouts/${id}`);
    assert.match(steps.at(-1).reasons[0], /No such object/);
    assert.equal((await infer('unloadable')).body.model_version, '1');
  });

  it('can be stopped by an operator with a reason', async () => {
    await withChampion('stopped');
    await approve('stopped', 2, 3, [10, 100]);
    const { rolloutId: id } = await rollout('stopped', 2, 'running');
    const answer = await call(`${stack.url}/v1/rollouts/${id}/abort`, stack.operator, { body: { reason: 'looks odd' } });
    assert.equal(answer.status, 200);
    assert.equal(answer.body.status, 'aborted');
    const again = await call(`${stack.url}/v1/rollouts/${id}/abort`, stack.operator, { body: { reason: 'looks odd' } });
    assert.equal(again.status, 409);
  });

  it('does not advance while frozen, and applies the kept verdict afterwards', async () => {
    await withChampion('frozen');
    await approve('frozen', 2, 3, [50, 100]);
    const { rolloutId: id } = await rollout('frozen', 2, 'running');
    const writer = new KvWriter(stack.connection);
    const put = (frozen: boolean) =>
      writer.put(buckets.control, freezeKey, { frozen, by: 'a@test', reason: 'test', since: new Date().toISOString() });
    await put(true);
    await eventually(async () => {
      const { checks } = (await (await fetch(`${stack.url}/health/ready`)).json()) as { checks: Record<string, { detail?: string }> };
      assert.match(checks['freeze-switch']?.detail ?? '', /^frozen/);
    });
    await judge(id, 'frozen', 0, 'pass');
    await eventually(async () => {
      const { steps } = await stack.get(`/v1/rollouts/${id}`);
      assert.equal(steps.at(-1).move, 'keep-verdict');
    });
    await put(false);
    await stack.publisher.publishEvent({ definition: loopUnfrozen, data: { switchId: 'loop', by: 'a@test', reason: 'over' } });
    await rollout('frozen', 2, 'running', 1);
  });

  it('waits while another rollout of the model runs', async () => {
    await withChampion('queued');
    await approve('queued', 2, 3, [10, 100]);
    const { rolloutId: id } = await rollout('queued', 2, 'running');
    await approve('queued', 3, 4, [10, 100]);
    await rollout('queued', 3, 'waiting');
    await judge(id, 'queued', 0, 'fail');
    await rollout('queued', 3, 'running');
  });

  it('is routed again from the tables when the routing table is lost', async () => {
    await withChampion('lost');
    const kv = await stack.connection.kvm.open(buckets.routing);
    await kv.purge('lost');
    await eventually(async () => {
      const entry = await kv.get('lost');
      assert.equal(routingEntry.parse(entry?.json()).versions[0]?.version, 1);
    });
  });

  it('in staging is not moved by what a gateway of production found', async () => {
    const modelName = 'staged';
    const statuses = async (): Promise<Partial<Record<Environment, string>>> => {
      const { items } = await stack.get(`/v1/rollouts?model=${modelName}`);
      return Object.fromEntries(items.map(({ environment, status }: { environment: string; status: string }) => [environment, status]));
    };
    await stack.approve({ modelName, version: 1, environment: 'staging' });
    await eventually(async () => assert.equal((await statuses()).staging, 'loading'));
    await stack.approve({ modelName, version: 1, environment: 'production' });
    await eventually(async () => assert.equal((await statuses()).production, 'completed'));
    assert.equal((await statuses()).staging, 'loading');
  });

  it('of a version approved with a signature goes up when that key signed it, and is refused for good when another did', async () => {
    const modelName = 'signed';
    const [trusted, other] = [1, 2].map(() => generateKeyPairSync('ec', { namedCurve: 'P-256' })) as [Keys, Keys];
    const signedBy = async (version: number, signer: KeyObject): Promise<void> => {
      const { digest } = await stack.objects.put(scaleModel(version));
      const bundle = await stack.objects.put(Buffer.from(signModel(`${modelName}/${version}`, [{ name: 'model.onnx', digest }], signer)));
      const signingKey = trusted.publicKey.export({ format: 'pem', type: 'spki' }).toString();
      await stack.approve({ modelName, version, signatureDigest: bundle.digest, signingKey });
    };
    await signedBy(1, trusted.privateKey);
    await rollout(modelName, 1, 'completed');
    await eventually(async () => assert.equal((await infer(modelName)).body.model_version, '1'));

    await signedBy(2, other.privateKey);
    await rollout(modelName, 2, 'aborted');
    const refused = await stack.connection.jsm.streams.getMessage('SERVING', { last_by_subj: modelLoadRefused.type });
    assert.match(String(refused?.json<{ reasons: string[] }>().reasons), /tampered.*no trusted key made this signature/);
    // who decides on its next promotion has to know
    await eventually(async () => {
      const last = await stack.connection.jsm.streams.getMessage('SERVING', { last_by_subj: rolloutAborted.type });
      const told = last?.json<RolloutAborted['data']>();
      assert.deepEqual([told?.modelName, told?.isMarked], [modelName, true]);
    });
    assert.equal((await infer(modelName)).body.model_version, '1');
  });
});

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import {
  buckets,
  type CanaryJudged,
  canaryJudged,
  type RolloutStrategy,
  rolloutMeasure,
  rolloutRolledBack,
  rolloutSteered,
  rolloutTripped,
} from '@bascule/contracts';
import { eventually } from '@bascule/testing';
import { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { pickModel, pickSignature } from './pick-model.js';
import { type RolloutStack, rolloutStack } from './rollout-stack.js';
import { call, captured } from './serving-stack.js';

describe('a rollout by strategy', () => {
  let stack: RolloutStack;
  let client: string;

  beforeAll(async () => {
    stack = await rolloutStack();
    client = await stack.key(['client']);
  });
  afterAll(() => stack?.stop());

  const steer = (id: string, action: string, token = stack.operator) =>
    call(`${stack.url}/v1/rollouts/${id}/${action}`, token, { body: { reason: `to ${action}` } });
  /** Asks with position 0; with 1 the models of one element fail. */
  const infer = (model: string, position = 0, key: string = randomUUID()) =>
    call(`${stack.url}/v2/models/${model}/infer`, client, {
      body: { parameters: { routing_key: key }, inputs: [{ name: 'n', shape: [1], datatype: 'INT64', data: [position] }] },
    });

  /** A version answers any position below its number of values. */
  const approve = (modelName: string, version: number, values: number, strategy: RolloutStrategy, override = false): Promise<string> =>
    stack.approve({
      ...{ modelName, version, strategy, model: pickModel(values, version), signature: pickSignature },
      ...(override ? { override: { by: 'admin@test', reason: 'the cause is known' } } : {}),
    });

  const rollout = (promotionId: string, status: string) =>
    eventually(async () => {
      const { items } = await stack.get('/v1/rollouts?limit=100');
      const found = items.find((item: { promotionId: string }) => item.promotionId === promotionId);
      assert.equal(found?.status, status);
      return found;
    });
  const withChampion = async (modelName: string) => {
    await rollout(await approve(modelName, 1, 2, { steps: [100] }), 'completed');
    await eventually(async () => assert.equal((await infer(modelName)).body.model_version, '1'));
  };
  const judge = (rolloutId: string, modelName: string, verdict: CanaryJudged['data']['verdict'], step = 0) =>
    stack.publisher.publishEvent({
      definition: canaryJudged,
      data: { rolloutId, modelName, version: 2, step, verdict, reasons: [`${verdict} on the evidence`], evidence: {} },
    });
  const movesOf = async (id: string): Promise<string[]> =>
    (await stack.get(`/v1/rollouts/${id}`)).steps.map(({ move }: { move: string }) => move);
  const versionsOf = async (modelName: string) => {
    const answers = await Promise.all(Array.from({ length: 30 }, () => infer(modelName)));
    return new Set(answers.map(({ status, body }) => `${status} ${body.model_version}`));
  };
  const last = async (type: string, rolloutId: string) =>
    eventually(async () => {
      const message = await stack.connection.jsm.streams.getMessage('SERVING', { last_by_subj: type });
      const data = message?.json<{ rolloutId: string; reasons: string[]; action?: string }>();
      return data?.rolloutId === rolloutId && data;
    });

  it('all at once answers everything at once, and completes', async () => {
    await withChampion('at-once');
    const { rolloutId } = await rollout(await approve('at-once', 2, 2, { kind: 'all-at-once', steps: [100] }), 'completed');
    assert.deepEqual(await movesOf(rolloutId), ['load', 'start', 'complete']);
    await eventually(async () => assert.deepEqual(await versionsOf('at-once'), new Set(['200 2'])));
  });

  it('blue-green keeps the former version loaded, and returns to it', async () => {
    await withChampion('blue');
    const promotionId = await approve('blue', 2, 2, { kind: 'blue-green', steps: [100], minSeconds: 600 });
    const { rolloutId } = await rollout(promotionId, 'running');
    await eventually(async () => assert.deepEqual(await versionsOf('blue'), new Set(['200 2'])));
    // the standby answers whoever names it: it is in memory
    const pinned = await call(`${stack.url}/v2/models/blue/versions/1/infer`, stack.operator, {
      body: { inputs: [{ name: 'n', shape: [1], datatype: 'INT64', data: [0] }] },
    });
    assert.equal(pinned.body.model_version, '1');
    await judge(rolloutId, 'blue', 'pass');
    await eventually(async () => assert.equal((await movesOf(rolloutId)).at(-1), 'stay'));
    assert.equal((await steer(rolloutId, 'abort')).body.status, 'aborted');
    await eventually(async () => assert.deepEqual(await versionsOf('blue'), new Set(['200 1'])));
  });

  it('with everything at the version, the champion answers copies for the judge to compare with', async () => {
    await withChampion('beside');
    const strategy = { kind: 'blue-green' as const, steps: [100], minSeconds: 600, baselinePercent: 100 };
    const { rolloutId } = await rollout(await approve('beside', 2, 2, strategy), 'running');
    await eventually(async () => assert.deepEqual(await versionsOf('beside'), new Set(['200 2'])));
    // until a gateway has heard of the step, the champion answers in the name of the rollout
    const since = BigInt(Date.now());
    await eventually(async () => {
      await infer('beside');
      const rows = (await captured(stack)).flatMap(({ models, predictions }) =>
        predictions.flatMap(({ model, shadowOf, rolloutId: of, receivedAtMs }) =>
          of === rolloutId && receivedAtMs >= since ? `${models[model]?.modelVersion}${shadowOf === '' ? '' : ' on a copy'}` : [],
        ),
      );
      assert.deepEqual(new Set(rows), new Set(['2', '1 on a copy']));
    });
    await steer(rolloutId, 'abort');
  });

  it('blue-green completes when its time is over', async () => {
    await withChampion('green');
    await rollout(await approve('green', 2, 2, { kind: 'blue-green', steps: [100], minSeconds: 1 }), 'completed');
  });

  it('a shadow sees copies only, until a person finishes it', async () => {
    await withChampion('shade');
    const { rolloutId } = await rollout(await approve('shade', 2, 2, { kind: 'shadow', steps: [100] }), 'running');
    await eventually(async () => {
      assert.deepEqual(await versionsOf('shade'), new Set(['200 1']));
      const rows = (await captured(stack)).flatMap(({ models, predictions }) =>
        predictions.filter(
          ({ model, shadowOf, rolloutId: of }) => models[model]?.modelVersion === 2 && shadowOf !== '' && of === rolloutId,
        ),
      );
      assert.ok(rows.length > 0);
    });
    await judge(rolloutId, 'shade', 'pass');
    await eventually(async () => assert.equal((await movesOf(rolloutId)).at(-1), 'stay'));
    assert.equal((await steer(rolloutId, 'finish')).body.status, 'completed');
    await eventually(async () => assert.deepEqual(await versionsOf('shade'), new Set(['200 2'])));
  });

  it('a canary waits for its minimum time, and a paused one for a person', async () => {
    await withChampion('slow');
    const { rolloutId } = await rollout(await approve('slow', 2, 2, { steps: [50, 100], minSeconds: 600 }), 'running');
    await judge(rolloutId, 'slow', 'pass');
    await eventually(async () => assert.equal((await movesOf(rolloutId)).at(-1), 'keep-verdict'));
    assert.equal((await steer(rolloutId, 'pause')).body.isPaused, true);
    assert.equal((await steer(rolloutId, 'pause')).status, 200);
    assert.deepEqual((await last(rolloutSteered.type, rolloutId)).action, 'paused');
    assert.equal((await steer(rolloutId, 'resume')).body.isPaused, false);
    assert.equal((await movesOf(rolloutId)).at(-1), 'unpause');
    await stack.serving.app
      .get(DataSource, { strict: false })
      .query(`update rollouts set step_started_at = now() - interval '600 seconds' where id = $1`, [rolloutId]);
    await eventually(async () => assert.equal((await movesOf(rolloutId)).at(-1), 'advance'));
    assert.deepEqual(await movesOf(rolloutId), ['load', 'start', 'keep-verdict', 'pause', 'unpause', 'advance']);
    const history = (await stack.get('/v1/endpoints/slow/history')).items;
    assert.equal(new Set(history.map(({ revision }: { revision: number }) => revision)).size, history.length);
  });

  it('is steered by those who may, and only while it runs', async () => {
    await withChampion('steered');
    const { rolloutId } = await rollout(await approve('steered', 2, 2, { steps: [50, 100] }), 'running');
    assert.equal((await steer(rolloutId, 'finish', client)).status, 403);
    const stranger = await stack.key(['operator'], ['other-*']);
    // serving hears of a new key a moment later
    await eventually(async () => assert.equal((await steer(rolloutId, 'finish', stranger)).status, 403));
    assert.equal((await steer(rolloutId, 'finish')).body.status, 'completed');
    const again = await steer(rolloutId, 'pause');
    assert.deepEqual([again.status, again.body.code], [409, 'serving.rollout_ended']);
  });

  it('a gateway cuts off a version that fails, and tells; the version is marked and not tried again without an override', async () => {
    await withChampion('bursting');
    // version 2 has one value: position 1 fails there
    const { rolloutId } = await rollout(await approve('bursting', 2, 1, { steps: [50, 100] }), 'running');
    const failed: number[] = [];
    await eventually(
      async () => {
        const answers = await Promise.all(Array.from({ length: 12 }, () => infer('bursting', 1)));
        const bad = answers.filter(({ status }) => status !== 200).length;
        if (bad > 0) failed.push(bad);
        assert.equal((await stack.get(`/v1/rollouts/${rolloutId}`)).status, 'rolled-back');
      },
      { intervalMs: 10, timeoutMs: 20_000 },
    );
    assert.ok(failed.length > 0);
    const tripped = await last(rolloutTripped.type, rolloutId);
    assert.match(tripped.reasons[0]!, /requests failed in the last seconds/);
    assert.match((await last(rolloutRolledBack.type, rolloutId)).reasons[0]!, /^error burst, seen and cut off by gateway/);
    assert.deepEqual(await versionsOf('bursting'), new Set(['200 1']));

    const again = await rollout(await approve('bursting', 2, 1, { steps: [50, 100] }), 'aborted');
    const { steps } = await stack.get(`/v1/rollouts/${again.rolloutId}`);
    assert.match(steps.at(-1).reasons[0], /is not tried again without an override/);
    assert.deepEqual(await versionsOf('bursting'), new Set(['200 1']));
    const overridden = await rollout(await approve('bursting', 2, 1, { steps: [50, 100] }, true), 'running');
    assert.equal(overridden.isOverride, true);

    // it went well this time: what was said against it before counts no more
    assert.equal((await steer(overridden.rolloutId, 'finish')).status, 200);
    await rollout(await approve('bursting', 1, 2, { kind: 'all-at-once', steps: [100] }), 'completed');
    await rollout(await approve('bursting', 2, 1, { kind: 'all-at-once', steps: [100] }), 'completed');
  });

  it('what one client sends wrongly counts against no version; what the champion answers does', async () => {
    await withChampion('wrong');
    const promotionId = await approve('wrong', 2, 2, { kind: 'blue-green', steps: [100], minSeconds: 600 });
    const { rolloutId } = await rollout(promotionId, 'running');
    await eventually(async () => assert.deepEqual(await versionsOf('wrong'), new Set(['200 2'])));
    const opinions = async (outcome: string) => {
      const text = await (await fetch(`${stack.serving.adminUrl}/metrics`)).text();
      const line = new RegExp(`^serving_second_opinions_total\\{[^}]*model="wrong"[^}]*outcome="${outcome}"[^}]*\\} (\\d+)`, 'm');
      return Number(line.exec(text)?.[1] ?? 0);
    };
    const count = 16;
    // positions that neither version has
    const refused = await Promise.all(Array.from({ length: count }, () => infer('wrong', 7)));
    assert.deepEqual(new Set(refused.map(({ status }) => status)), new Set([422]));
    const inputs = [{ name: 'n', shape: [1], datatype: 'INT64', data: [0] }];
    const late = await Promise.all(
      Array.from({ length: count }, () =>
        call(`${stack.url}/v2/models/wrong/infer`, client, { body: { parameters: { timeout: 1 }, inputs } }),
      ),
    );
    assert.deepEqual(new Set(late.map(({ status }) => status)), new Set([504]));
    await eventually(async () => assert.equal(await opinions('failed'), 2 * count));
    assert.equal(await opinions('answered'), 0);
    assert.deepEqual(await versionsOf('wrong'), new Set(['200 2']));
    assert.equal((await stack.get(`/v1/rollouts/${rolloutId}`)).status, 'running');
    assert.equal((await steer(rolloutId, 'abort')).status, 200);

    // a version that fails on what the champion answers is cut off at 100 % too, though nobody asks the champion any more
    const worse = await rollout(await approve('wrong', 3, 1, { kind: 'blue-green', steps: [100], minSeconds: 600 }), 'running');
    await eventually(async () => assert.deepEqual(await versionsOf('wrong'), new Set(['200 3'])));
    await eventually(async () => {
      await Promise.all(Array.from({ length: count }, () => infer('wrong', 1)));
      assert.equal((await stack.get(`/v1/rollouts/${worse.rolloutId}`)).status, 'rolled-back');
    });
    assert.deepEqual(await versionsOf('wrong'), new Set(['200 1']));
  });

  it('measures both versions by step for the judge', async () => {
    await withChampion('measured');
    const { rolloutId } = await rollout(await approve('measured', 2, 1, { steps: [50, 100] }), 'running');
    await eventually(async () => assert.equal((await versionsOf('measured')).size, 2));
    await infer('measured', 7);
    // version 2 has one value: the other answers what it fails on
    await eventually(async () => assert.equal((await infer('measured', 1)).status, 422), { intervalMs: 1 });
    await eventually(async () => {
      const kv = await stack.connection.kvm.open(buckets.rollouts);
      const keys: string[] = [];
      for await (const key of await kv.keys(`${rolloutId}.*`)) keys.push(key);
      const entry = await kv.get(keys[0] ?? 'none');
      const { arms } = rolloutMeasure.parse(entry?.json());
      const sums = [1, 2].map((version) => arms.find((arm) => arm.version === version && arm.step === 0)?.answered ?? 0);
      assert.ok(sums.every((sum) => sum > 0));
      assert.equal(
        arms.reduce((sum, { failed }) => sum + failed, 0),
        1,
      );
      for (const { answered, latency } of arms)
        assert.equal(
          latency.reduce((sum, count) => sum + count, 0),
          answered,
        );
    });
  });
});

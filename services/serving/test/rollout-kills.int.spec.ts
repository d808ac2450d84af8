import assert from 'node:assert/strict';
import {
  buckets,
  canaryJudged,
  modelLoaded,
  modelLoadRefused,
  promotionApproved,
  type RolloutStrategy,
  type RoutingEntry,
  rolloutTripped,
  routingEntry,
} from '@bascule/contracts';
import { Publisher } from '@bascule/messaging';
import { newId } from '@bascule/platform';
import { eventually, openStops, type Stops, temporaryFolder, testDatabase } from '@bascule/testing';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { migrations } from '../src/migrations/index.js';
import { spawnGateway } from './gateway-process.js';
import { scaleSignature } from './onnx-models.js';
import { type Cause, canary, type Story, stories } from './rollout-stories.js';
import { call, type ServingStack, servingStack } from './serving-stack.js';

const patience = { timeoutMs: 60_000 };
const gatewayId = newId();

/** Telling is the same whatever strategy it is about: for each fact once. */
const killedAsTold = new Set<string>();

describe('a rollout whose control is killed at every move', () => {
  let stack: ServingStack;
  let database: Awaited<ReturnType<typeof testDatabase>>;
  let stops: Stops;
  let operator: string;
  let publisher: Publisher;
  let control: Awaited<ReturnType<typeof spawnGateway>>;

  const spawn = () =>
    spawnGateway(stack, temporaryFolder('spill'), {
      SERVING_ROLES: 'control',
      DATABASE_URL: database.url,
      BASCULE_ACK_WAIT_MS: '1000',
      // what was sent is forgotten at once: NATS is not what fails here
      NATS_RESEND_WINDOW_MS: '0',
      OTEL_TRACES_EXPORTER: 'none',
    });
  beforeAll(async () => {
    stack = await servingStack();
    database = await testDatabase('serving', migrations);
    stops = await openStops(database.ownerUrl, 'serving', ['rollout_steps', 'outbox_events']);
    operator = await stack.key(['operator']);
    publisher = new Publisher(stack.connection);
    control = await spawn();
  });
  afterAll(async () => {
    await control?.kill();
    await stops?.stop();
    await stack?.stop();
    await database?.stop();
  });

  const get = async (path: string) => (await call(`${control.url}${path}`, operator)).body;
  const artifactOf = (version: number) => ({ artifactDigest: `${version}`.repeat(64), artifactSizeBytes: 1, signature: scaleSignature });

  async function approve(modelName: string, version: number, strategy: RolloutStrategy): Promise<void> {
    const who = { requestedBy: 's@test', approvedBy: 'a@test', environment: 'production' as const };
    const data = { promotionId: newId(), modelName, version, ...who, ...artifactOf(version), strategy };
    await publisher.publishEvent({ definition: promotionApproved, data });
  }
  const loadedBy = (modelName: string, version: number) => ({
    ...{ gatewayId, modelName, version, environment: 'production' as const },
    artifactDigest: artifactOf(version).artifactDigest,
  });
  const tellLoaded = (modelName: string, version: number) =>
    publisher.publishEvent({ definition: modelLoaded, data: { ...loadedBy(modelName, version), loadMs: 1, runtime: 'test' } });
  const find = async (modelName: string, version: number) =>
    (await get(`/v1/rollouts?model=${modelName}`)).items.find((item: { version: number }) => item.version === version);
  const becomes = (modelName: string, version: number, status: string) =>
    eventually(async () => {
      const rollout = await find(modelName, version);
      assert.equal(rollout?.status, status);
      return rollout;
    }, patience);

  const movesOf = async (modelName: string): Promise<string[]> => {
    const { steps } = await get(`/v1/rollouts/${(await find(modelName, 2)).rolloutId}`);
    return steps.map(({ move }: { move: string }) => move);
  };

  const hasMoved = (move: string, modelName: string) =>
    eventually(async () => assert.ok((await movesOf(modelName)).includes(move)), patience);

  async function act(cause: Cause, modelName: string, strategy: RolloutStrategy): Promise<void> {
    const { rolloutId, step } = (await find(modelName, 2)) ?? {};
    switch (cause) {
      case 'time':
        return;
      case 'promotion':
        await approve(modelName, 2, strategy);
        return;
      case 'loaded':
        await tellLoaded(modelName, 2);
        return;
      case 'refused':
        await publisher.publishEvent({ definition: modelLoadRefused, data: { ...loadedBy(modelName, 2), reasons: ['no such operator'] } });
        return;
      case 'tripped': {
        const data = { rolloutId, gatewayId, modelName, environment: 'production' as const, version: 2, cause: 'error-burst' as const };
        await publisher.publishEvent({ definition: rolloutTripped, data: { ...data, reasons: ['it fails'] } });
        return;
      }
      case 'pass':
      case 'fail':
      case 'no-winner': {
        const data = { rolloutId, modelName, version: 2, step, verdict: cause, reasons: [`${cause} on the evidence`], evidence: {} };
        await publisher.publishEvent({ definition: canaryJudged, data });
        return;
      }
      default:
        await call(`${control.url}/v1/rollouts/${rolloutId}/${cause}`, operator, { body: { reason: `to ${cause}` } });
    }
  }
  const isPersons = (cause: Cause) => ['pause', 'resume', 'finish', 'abort'].includes(cause);

  const armMove = (move: string) => stops.arm({ table: 'rollout_steps', on: 'insert', row: { move } });

  async function killAtStop(): Promise<void> {
    await stops.reached();
    await control.kill();
    await stops.release();
  }

  /** Every event about the rollout as it lies in the stream; what was sent twice would be there twice. */
  async function told(rolloutId: string): Promise<string[]> {
    const { streams } = stack.connection.jsm;
    const { state } = await streams.info('SERVING');
    const types: string[] = [];
    for (let sequence = state.first_seq; sequence <= state.last_seq; sequence++) {
      const message = await streams.getMessage('SERVING', { seq: sequence });
      if (!message?.subject.startsWith('serving.rollout.') || message.subject === rolloutTripped.type) continue;
      if (message.json<{ rolloutId: string }>().rolloutId === rolloutId) types.push(message.subject.split('.')[2]!);
    }
    return types;
  }
  const routed = async (modelName: string): Promise<RoutingEntry> => {
    const kv = await stack.connection.kvm.open(buckets.routing);
    return routingEntry.parse((await kv.get(modelName))?.json());
  };

  /** That it ended as the story says, that each move was made once, and that gateways and the world know. */
  async function endsAsTold(modelName: string, { turns, ...expected }: Story): Promise<void> {
    const rollout = await becomes(modelName, 2, expected.status);
    assert.equal(rollout.isMarked, expected.isMarked ?? false);
    assert.deepEqual(await movesOf(modelName), [...turns.map(([move]) => move), ...(expected.alsoNoted ?? [])]);
    const facts = [...turns.flatMap(([, , fact]) => fact ?? []), ...(expected.alsoTold ?? [])];
    await eventually(async () => assert.deepEqual(await told(rollout.rolloutId), facts), patience);
    await eventually(async () => {
      const { versions, rolloutId } = await routed(modelName);
      assert.deepEqual([versions.map(({ version, percent }) => [version, percent]), rolloutId], [expected.answers, null]);
    }, patience);
    const { items } = await get(`/v1/endpoints/${modelName}/history?limit=50`);
    const revisions = items.map(({ revision }: { revision: number }) => revision);
    assert.deepEqual(
      revisions,
      Array.from(revisions, (_, index) => revisions.length - index),
    );
  }

  /** A first version under the name of the story. */
  async function withChampion(name: string): Promise<string> {
    const modelName = name.toLowerCase().replaceAll(/[^a-z]+/g, '-');
    await approve(modelName, 1, canary);
    await becomes(modelName, 1, 'loading');
    await tellLoaded(modelName, 1);
    await becomes(modelName, 1, 'completed');
    return modelName;
  }

  it.each(stories)('$name: ends as the table says, each fact told once', async ({ name, strategy, turns, ...expected }) => {
    const modelName = await withChampion(name);
    for (const [index, [move, cause, fact]] of turns.entries()) {
      if (index < (expected.inPeace ?? 0)) {
        await act(cause, modelName, strategy);
        await hasMoved(move, modelName);
        continue;
      }
      const entity = `serving.rollout:${(await find(modelName, 2))?.rolloutId}`;
      if (cause !== 'time') await armMove(move);
      void act(cause, modelName, strategy).catch(() => undefined);
      // in the middle of its transaction: nothing of it may remain
      await killAtStop();
      let isCommitted = false;
      if (fact && !killedAsTold.has(fact)) {
        killedAsTold.add(fact);
        // when the stream has the event and the sender does not know it yet: it may not be told again
        await stops.arm({ table: 'outbox_events', on: 'update', row: { entity, subject: `serving.rollout.${fact}.v1` } });
        control = await spawn();
        if (isPersons(cause)) await act(cause, modelName, strategy);
        await killAtStop();
        isCommitted = true;
      }
      const next = turns[index + 1];
      if (next?.[1] === 'time') await armMove(next[0]);
      control = await spawn();
      if (!isCommitted && isPersons(cause)) await act(cause, modelName, strategy);
      await hasMoved(move, modelName);
    }
    await endsAsTold(modelName, { name, strategy, turns, ...expected });
  });

  it.each(stories.filter(({ name }) => name === 'a canary completes' || name === 'a shadow is finished'))(
    '$name: as well when NATS is killed at every move',
    async (story) => {
      const modelName = await withChampion(`${story.name} without NATS`);
      for (const [index, [move, cause]] of story.turns.entries()) {
        if (cause !== 'time') await armMove(move);
        // a server that has just come back may not take it yet
        const isOnce = cause === 'promotion';
        const acting = eventually(() => act(cause, modelName, story.strategy), isOnce ? { timeoutMs: 0 } : patience).catch(() => undefined);
        await stops.reached();
        await stack.nats.kill();
        await stops.release();
        await acting;
        const next = story.turns[index + 1];
        if (next?.[1] === 'time') await armMove(next[0]);
        await stack.nats.restart();
        await eventually(() => stack.connection.isConnected, patience);
        await hasMoved(move, modelName);
      }
      await endsAsTold(modelName, story);
    },
  );
});

import { setTimeout as wait } from 'node:timers/promises';
import { approvalGranted, rolloutCompleted, runSucceeded } from '@bascule/contracts';
import { newId } from '@bascule/platform';
import { eventually } from '@bascule/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RegistryProcess, startRegistryProcess } from './registry-process.js';
import { finishRun, model } from './run-event.js';

let registry: RegistryProcess;
let versions = 0;
const patience = { timeoutMs: 30_000 };

beforeAll(async () => {
  registry = await startRegistryProcess();
}, 60_000);
afterAll(() => registry?.stop());

async function register(): Promise<number> {
  versions++;
  const champion = versions > 1 ? { champion: { version: versions - 1, artifactDigest: 'c'.repeat(64), metrics: { auc: 0.7 } } } : {};
  await registry.publish(runSucceeded, await finishRun(registry, `version ${versions}`, champion));
  await eventually(async () => expect((await get(`/v1/models/${model}/versions/${versions}`)).status).toBe(200), patience);
  return versions;
}

const get = (path: string) => registry.call('GET', path);
const statusOf = async (id: string) => (await get(`/v1/promotions/${id}`)).body.status as string;
const becomes = (id: string, status: string) => eventually(async () => expect(await statusOf(id)).toBe(status), patience);
const ask = async (version: number): Promise<string> => {
  const { status, body } = await registry.call('POST', `/v1/models/${model}/versions/${version}/promotions`, { environment: 'production' });
  expect({ status, body }).toMatchObject({ status: 201 });
  return body.promotionId;
};
const grant = (promotionId: string) =>
  registry.publish(approvalGranted, { approvalId: newId(), promotionId, decidedBy: 'ada', reason: 'fine' });
const complete = (promotionId: string, version: number) => {
  const about = { rolloutId: newId(), promotionId, modelName: model, environment: 'production', version, artifactDigest: 'd'.repeat(64) };
  return registry.publish(rolloutCompleted, { ...about, reasons: ['done'] });
};
/** What the stream tells about a promotion, each fact once. */
const trail = async (promotionId: string) =>
  (await registry.stored())
    .filter(({ data }) => data['promotionId'] === promotionId)
    .map(({ type }) => type.replace(/^registry\.|\.v1$/g, ''));
const whole = ['promotion.requested', 'promotion.approved', 'alias.moved'];
const tells = (promotionId: string) => eventually(async () => expect(await trail(promotionId)).toEqual(whole), patience);
const champion = async () => (await get(`/v1/models/${model}/aliases/champion`)).body;

describe('a promotion whose registry is killed', () => {
  it.each([
    ['as it is asked for', 'requested'],
    ['as it is approved', 'approved'],
    ['as its rollout completes', 'completed'],
  ] as const)(
    '%s goes on where it was, with every fact told once',
    async (_, at) => {
      for (const delayMs of [0, 8]) {
        const version = await register();
        const promotionId = await ask(version);
        const killSoon = async () => {
          await wait(delayMs);
          await registry.kill();
          await registry.start();
        };
        if (at === 'requested') await killSoon();
        await grant(promotionId);
        if (at === 'approved') await killSoon();
        await becomes(promotionId, 'approved');
        await complete(promotionId, version);
        if (at === 'completed') await killSoon();
        await becomes(promotionId, 'completed');
        await tells(promotionId);
        expect(await champion()).toMatchObject({ version, movedBy: 'ada', evidence: { requestedBy: 'sam' } });
        expect((await get(`/v1/models/${model}/versions/${version}`)).body.stage).toBe('production');
      }
    },
    120_000,
  );

  it('decides votes and rollouts that came while it was away', async () => {
    const version = await register();
    const promotionId = await ask(version);
    await registry.kill();
    await grant(promotionId);
    await registry.start();
    await becomes(promotionId, 'approved');
    await registry.kill();
    await complete(promotionId, version);
    await registry.start();
    await becomes(promotionId, 'completed');
    await tells(promotionId);
  }, 90_000);
});

describe('a promotion while NATS is away', () => {
  it('is taken and told once NATS is back, also when the registry is killed meanwhile', async () => {
    const version = await register();
    await registry.nats.kill();
    const promotionId = await ask(version);
    await registry.kill();
    await registry.nats.restart();
    await registry.reconnect();
    await registry.start();
    await grant(promotionId);
    await becomes(promotionId, 'approved');
    await registry.nats.kill();
    await registry.nats.restart();
    await registry.reconnect();
    await complete(promotionId, version);
    await becomes(promotionId, 'completed');
    await tells(promotionId);
    expect((await champion()).version).toBe(version);
  }, 120_000);
});

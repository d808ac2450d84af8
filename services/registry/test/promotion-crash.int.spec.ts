import { approvalGranted, rolloutCompleted, runSucceeded } from '@bascule/contracts';
import { newId } from '@bascule/platform';
import { eventually } from '@bascule/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RegistryProcess, startRegistryProcess } from './registry-process.js';
import { finishRun, model } from './run-event.js';

let registry: RegistryProcess;
let versions = 0;
const patience = { timeoutMs: 60_000 };

beforeAll(async () => {
  registry = await startRegistryProcess();
});
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
  const facts = ['promotion.requested', 'promotion.approved', 'alias.moved'] as const;
  const moments = [
    ['before it has committed', 'insert'],
    ['when the stream has it, and nobody has noted that', 'update'],
  ] as const;
  it.each(facts.flatMap((fact) => moments.map(([when, on]) => [fact, when, on] as const)))(
    'as it tells %s, %s, goes on where it was, with every fact told once',
    async (killedAt, _, on) => {
      const version = await register();
      let promotionId = '';
      const acts: Record<(typeof facts)[number], () => Promise<unknown>> = {
        'promotion.requested': async () => {
          promotionId = await ask(version);
        },
        'promotion.approved': () => grant(promotionId),
        'alias.moved': () => complete(promotionId, version),
      };
      const statuses = { 'promotion.requested': 'requested', 'promotion.approved': 'approved', 'alias.moved': 'completed' };
      for (const fact of facts) {
        if (fact === killedAt) {
          await registry.stops.arm({ table: 'outbox_events', on, row: { subject: `registry.${fact}.v1` } });
          const acting = acts[fact]().catch(() => undefined);
          await registry.stops.reached();
          // the answer to who asked is on its way
          if (on === 'update') await acting;
          await registry.kill();
          await registry.stops.release();
          await acting;
          await registry.start();
          // nobody answered who asked: asked again
          if (promotionId === '') await acts[fact]();
        } else await acts[fact]();
        await becomes(promotionId, statuses[fact]);
      }
      await tells(promotionId);
      expect(await champion()).toMatchObject({ version, movedBy: 'ada', evidence: { requestedBy: 'sam' } });
      expect((await get(`/v1/models/${model}/versions/${version}`)).body.stage).toBe('production');
    },
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
  });
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
  });
});

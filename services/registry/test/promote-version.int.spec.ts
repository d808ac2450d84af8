import { readFile, stat, utimes, writeFile } from 'node:fs/promises';
import {
  approvalDenied,
  approvalGranted,
  availabilityMeasured,
  loopUnfrozen,
  rolloutAborted,
  rolloutCompleted,
  rolloutRolledBack,
  runSucceeded,
} from '@bascule/contracts';
import { newId } from '@bascule/platform';
import { eventually } from '@bascule/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { finishRun, model } from './run-event.js';
import { type Registry, startRegistry } from './start-registry.js';

const approved = 'registry.promotion.approved.v1';
const refused = 'registry.promotion.refused.v1';
const moved = 'registry.alias.moved.v1';
const production = { environment: 'production' };

let registry: Registry;
let versions = 0;

beforeAll(async () => {
  registry = await startRegistry();
});
afterAll(() => registry?.stop());

async function register(seed: string, auc: number, champion?: { version: number; auc: number }): Promise<number> {
  const comparison = champion && { version: champion.version, artifactDigest: 'c'.repeat(64), metrics: { auc: champion.auc } };
  const run = await finishRun(registry, seed, { metrics: { auc }, ...(comparison ? { champion: comparison } : {}) });
  await registry.publish(runSucceeded, run);
  await registry.waitFor('registry.version.registered.v1', ++versions);
  return versions;
}

const request = (version: number, body: object = production) =>
  registry.call('sam', 'POST', `/v1/models/${model}/versions/${version}/promotions`, body);

const vote = (promotionId: string, decidedBy = 'ada') => ({ approvalId: newId(), promotionId, decidedBy, reason: 'looks right' });

const rollout = (promotionId: string, version: number) => ({
  rolloutId: newId(),
  promotionId,
  modelName: model,
  environment: 'production' as const,
  version,
  artifactDigest: 'd'.repeat(64),
  reasons: ['done'],
});

const statusOf = async (promotionId: string) => (await registry.call('ada', 'GET', `/v1/promotions/${promotionId}`)).body.status;
const becomes = (promotionId: string, status: string) => eventually(async () => (await statusOf(promotionId)) === status);

async function completeAt(promotionId: string, version: number, time: string): Promise<void> {
  const count = registry.seen(moved).length;
  await registry.publish(rolloutCompleted, rollout(promotionId, version), newId(), time);
  await registry.waitFor(moved, count + 1);
}

describe('the first version', () => {
  it('goes up in one step, and the alias moves only when the rollout completed', async () => {
    const version = await register('v1', 0.76);
    const answer = await request(version);
    expect(answer).toMatchObject({ status: 201, body: { status: 'requested', requestedBy: 'sam', championVersion: null, override: null } });
    expect(answer.body.gates.map(({ outcome }: { outcome: string }) => outcome)).toEqual(Array(8).fill('pass'));
    const { promotionId } = answer.body;
    expect((await registry.waitFor('registry.promotion.requested.v1')).data).toMatchObject({ promotionId, requestedBy: 'sam' });

    const grantId = await registry.publish(approvalGranted, vote(promotionId));
    const event = await registry.waitFor(approved);
    expect(event).toMatchObject({ causationId: grantId, data: { promotionId, approvedBy: 'ada', strategy: { steps: [100] } } });
    expect((await registry.call('sam', 'GET', `/v1/models/${model}/aliases`)).body.items).toEqual([]);

    await completeAt(promotionId, version, '2026-01-10T00:00:00Z');
    await becomes(promotionId, 'completed');
    const { body } = await registry.call('sam', 'GET', `/v1/models/${model}`);
    expect(body.aliases).toEqual([{ environment: 'production', alias: 'champion', version: 1 }]);
  });

  it('cannot be promoted again while it is the champion, nor archived', async () => {
    expect(await request(1)).toMatchObject({ status: 409, body: { code: 'registry.already_champion' } });
    const archived = await registry.call('sam', 'POST', `/v1/models/${model}/versions/1/archive`, { reason: 'old' });
    expect(archived).toMatchObject({ status: 409, body: { code: 'registry.version_in_use' } });
  });
});

describe('a better version', () => {
  it('goes up in steps, alone, and history answers what was in production when', async () => {
    const version = await register('v2', 0.79, { version: 1, auc: 0.74 });
    const { body } = await request(version);
    expect(await request(version)).toMatchObject({ status: 409, body: { code: 'registry.promotion_open' } });
    await registry.publish(approvalGranted, vote(body.promotionId));
    expect((await registry.waitFor(approved, 2)).data).toMatchObject({ championVersion: 1, strategy: { steps: [10, 50, 100] } });
    await completeAt(body.promotionId, version, '2026-02-10T00:00:00Z');

    const at = async (time: string) => (await registry.call('ada', 'GET', `/v1/models/${model}/production?at=${time}`)).body.version;
    expect([await at('2026-01-10T00:00:00Z'), await at('2026-02-09T23:59:59Z'), await at('2026-02-10T00:00:00Z')]).toEqual([1, 1, 2]);
    expect(await registry.call('ada', 'GET', `/v1/models/${model}/production?at=2025-01-01T00:00:00Z`)).toMatchObject({ status: 404 });
    const history = await registry.call('ada', 'GET', `/v1/models/${model}/aliases/champion/history`);
    expect(history.body.items).toMatchObject([
      {
        version: 2,
        previousVersion: 1,
        movedBy: 'ada',
        reason: 'looks right',
        evidence: { requestedBy: 'sam' },
        from: '2026-02-10T00:00:00.000Z',
        to: null,
      },
      { version: 1, previousVersion: null, from: '2026-01-10T00:00:00.000Z', to: '2026-02-10T00:00:00.000Z' },
    ]);
    expect((await registry.call('ada', 'GET', `/v1/models/${model}/versions/1`)).body.stage).toBe('candidate');
  });
});

describe('a worse version', () => {
  it('is stopped by the gates, and passes with an override that is on record', async () => {
    const version = await register('v3', 0.7, { version: 2, auc: 0.79 });
    const stopped = await request(version);
    expect(stopped).toMatchObject({ status: 422, body: { code: 'registry.gates_failed', errors: [{ path: 'not-below-champion' }] } });
    expect((await request(version, { ...production, override: { reason: 'short' } })).status).toBe(400);
    for (const [field, misspelt] of [
      ['stratgey', { stratgey: { kind: 'shadow' } }],
      ['minSecond', { strategy: { kind: 'blue-green', minSecond: 60 } }],
    ] as const) {
      const refused = await request(version, { ...production, ...misspelt });
      expect([refused.status, JSON.stringify(refused.body.errors)]).toEqual([400, expect.stringContaining(field)]);
    }

    const reason = 'the hold-out is known to be mislabelled';
    const { body } = await request(version, { ...production, override: { reason } });
    expect(body).toMatchObject({ status: 'requested', override: { by: 'sam', reason } });
    await registry.publish(approvalGranted, vote(body.promotionId));
    expect((await registry.waitFor(approved, 3)).data).toMatchObject({ override: { by: 'sam', reason } });

    const reasons = ['log loss is twice that of the champion'];
    await registry.publish(rolloutRolledBack, { ...rollout(body.promotionId, version), step: 0, percent: 10, reasons });
    await becomes(body.promotionId, 'rolled-back');
    const { body: model1 } = await registry.call('sam', 'GET', `/v1/models/${model}`);
    expect(model1.aliases).toMatchObject([{ version: 2 }]);
  });

  it('that was rolled back is not tried again without an override', async () => {
    const { body } = await request(3);
    expect(body.errors.map(({ path }: { path: string }) => path)).toEqual(['not-below-champion', 'not-rolled-back']);
    expect(body.errors[1].message).toContain('log loss is twice that of the champion');
  });
});

describe('votes', () => {
  it('refuse a promotion that was denied', async () => {
    const { body } = await request(1, { ...production, override: { reason: 'going back on purpose' } });
    await registry.publish(approvalDenied, { ...vote(body.promotionId), reason: 'no need' });
    expect((await registry.waitFor(refused)).data).toMatchObject({ promotionId: body.promotionId, reasons: ['denied by ada: no need'] });
  });

  it('do not count when they are the requester’s own', async () => {
    const { body } = await request(1, { ...production, override: { reason: 'going back on purpose' } });
    await registry.publish(approvalGranted, vote(body.promotionId, 'sam'));
    expect((await registry.waitFor(refused, 2)).data).toMatchObject({ reasons: ['sam cannot approve their own request'] });
  });
});

describe('the freeze switch', () => {
  it('makes an approved promotion wait until the loop is unfrozen', async () => {
    await registry.setFrozen(true);
    await eventually(async () => JSON.stringify(await (await fetch(`${registry.adminUrl}/health/ready`)).json()).includes('"frozen"'));
    const { body } = await request(1, { ...production, override: { reason: 'going back on purpose' } });
    // version 1 was the champion before: nothing judges it against the version that is left
    expect(body.strategy).toEqual({ kind: 'all-at-once', steps: [100] });
    const count = registry.seen(approved).length;
    await registry.publish(approvalGranted, vote(body.promotionId));
    await becomes(body.promotionId, 'waiting');

    await registry.setFrozen(false);
    const eventId = await registry.publish(loopUnfrozen, { switchId: 'loop', by: 'otto', reason: 'the test is over' });
    expect(await registry.waitFor(approved, count + 1)).toMatchObject({ causationId: eventId, data: { promotionId: body.promotionId } });
    await registry.publish(rolloutAborted, { ...rollout(body.promotionId, 1), reasons: ['stopped by otto'] });
    await becomes(body.promotionId, 'aborted');
  });
});

describe('a spent error budget', () => {
  it('holds up what is new, and no former champion that comes back', async () => {
    const set = (policy: object) =>
      registry.call('ada', 'PUT', `/v1/models/${model}/promotion-policy`, { policy, reason: 'agreed in the model board' });
    expect((await set({ availability: { minBudgetLeft: 0.1, objective: 0.99 } })).status).toBe(200);
    const to = new Date().toISOString();
    const counts = { modelName: model, environment: 'production' as const, from: to, to, requestCount: 1000, failedCount: 400 };
    await registry.publish(availabilityMeasured, { gatewayId: newId(), ...counts });
    const budgetOf = async (version: number) => {
      const { gates } = (await registry.call('ada', 'GET', `/v1/models/${model}/versions/${version}/readiness`)).body;
      return gates.find(({ gate }: { gate: string }) => gate === 'availability-budget');
    };
    await eventually(async () => expect((await budgetOf(3)).reasons[0]).toContain('400 of 1000 requests failed'));
    expect([(await budgetOf(3)).outcome, (await budgetOf(1)).outcome]).toEqual(['fail', 'pass']);
    await set({});
  });
});

describe('a former champion that was rolled back since', () => {
  it('is judged again like any other, unless something else was asked for', async () => {
    const override = { reason: 'going back on purpose' };
    const { body } = await request(1, { ...production, override });
    expect(body.strategy).toEqual({ kind: 'all-at-once', steps: [100] });
    await registry.publish(approvalGranted, vote(body.promotionId));
    await becomes(body.promotionId, 'approved');
    await registry.publish(rolloutRolledBack, { ...rollout(body.promotionId, 1), step: 0, percent: 100, reasons: ['errors rose'] });
    await becomes(body.promotionId, 'rolled-back');
    const judged = (await request(1, { ...production, override })).body;
    expect(judged.strategy).toEqual({ steps: [10, 50, 100] });
    await registry.call('sam', 'POST', `/v1/promotions/${judged.promotionId}/withdraw`, { reason: 'asked enough' });
  });
});

describe('a version that a gateway refused to load', () => {
  it('says so with the reason before it is asked for again, until it completes by an override', async () => {
    const override = { reason: 'going back on purpose' };
    const { body } = await request(1, { ...production, override });
    await registry.publish(approvalGranted, vote(body.promotionId));
    await becomes(body.promotionId, 'approved');
    const reasons = ['no trusted key made this signature'];
    await registry.publish(rolloutAborted, { ...rollout(body.promotionId, 1), reasons, isMarked: true });
    await becomes(body.promotionId, 'aborted');
    const markOf1 = async () => {
      const { gates } = (await registry.call('ada', 'GET', `/v1/models/${model}/versions/1/readiness`)).body;
      return gates.find(({ gate }: { gate: string }) => gate === 'not-rolled-back');
    };
    expect(await markOf1()).toMatchObject({
      outcome: 'fail',
      reasons: [expect.stringMatching(/^a gateway refused to load it on .*: no trusted key made this signature$/)],
    });
    const again = (await request(1, { ...production, override })).body;
    await registry.publish(approvalGranted, vote(again.promotionId));
    await becomes(again.promotionId, 'approved');
    await registry.publish(rolloutCompleted, { ...rollout(again.promotionId, 1), reasons: ['all at once'] });
    await becomes(again.promotionId, 'completed');
    expect(await markOf1()).toMatchObject({ outcome: 'pass' });
  });
});

describe('how a version stands', () => {
  it('is found by its file of now, also where that was looked at before', async () => {
    const verified = async () => {
      const { gates } = (await registry.call('ada', 'GET', `/v1/models/${model}/versions/2/readiness`)).body;
      return gates.find(({ gate }: { gate: string }) => gate === 'artifact-verified');
    };
    const { artifactDigest } = (await registry.call('ada', 'GET', `/v1/models/${model}/versions/2`)).body;
    for (let time = 0; time < 2; time++) expect(await verified()).toMatchObject({ outcome: 'pass' });
    const file = registry.objects.path!(artifactDigest)!;
    const bytes = await readFile(file);
    const { atime, mtime } = await stat(file);
    await writeFile(file, Buffer.from(bytes).fill(7, bytes.length - 1));
    await utimes(file, atime, mtime);
    expect(await verified()).toMatchObject({ outcome: 'fail', reasons: ['the stored bytes of the artifact do not match its digest'] });
    await writeFile(file, bytes);
    expect(await verified()).toMatchObject({ outcome: 'pass' });
  });
});

describe('archiving', () => {
  it('retires a version for good', async () => {
    const path = `/v1/models/${model}/versions/3/archive`;
    expect(await registry.call('sam', 'POST', path, { reason: 'mislabelled data' })).toMatchObject({
      status: 200,
      body: { stage: 'archived' },
    });
    expect((await registry.waitFor('registry.version.archived.v1')).data).toMatchObject({ version: 3, archivedBy: 'sam' });
    const archived = { status: 409, body: { code: 'registry.version_archived' } };
    expect(await request(3)).toMatchObject(archived);
    expect(await registry.call('ada', 'GET', `/v1/models/${model}/versions/3/readiness`)).toMatchObject(archived);
  });
});

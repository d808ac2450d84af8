import { approvalGranted, runSucceeded } from '@bascule/contracts';
import { newId } from '@bascule/platform';
import { eventually } from '@bascule/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { finishRun, model } from './run-event.js';
import { type Registry, startRegistry } from './start-registry.js';

let registry: Registry;
beforeAll(async () => {
  registry = await startRegistry();
  await registry.publish(runSucceeded, await finishRun(registry, 'one', { metrics: { auc: 0.78, accuracy: 0.9 } }));
  await registry.waitFor('registry.version.registered.v1');
});
afterAll(() => registry?.stop());

const path = `/v1/models/${model}/promotion-policy`;
const setPolicy = (policy: object, who: 'ada' | 'sam' = 'ada') =>
  registry.call(who, 'PUT', path, { policy, reason: 'agreed in the board' });
const ask = (who: 'sam' | 'root' = 'sam') =>
  registry.call(who, 'POST', `/v1/models/${model}/versions/1/promotions`, { environment: 'production' });
const withdraw = (id: string, who: 'sam' | 'root' | 'ada' = 'sam') =>
  registry.call(who, 'POST', `/v1/promotions/${id}/withdraw`, { reason: 'not now' });
const statusOf = async (id: string) => (await registry.call('ada', 'GET', `/v1/promotions/${id}`)).body;

describe('the policy of a model', () => {
  it('holds from the next request on, with every rule’s evidence and margin, and keeps its revisions', async () => {
    expect((await registry.call('ada', 'GET', path)).body).toMatchObject({ revision: 0, changedBy: null });
    expect((await setPolicy({}, 'sam')).status).toBe(403);
    for (const misspelt of [{ calibrations: { maxError: 0.1 } }, { calibration: { maxErr: 0.1 } }, { metrics: { floor: {} } }])
      expect((await setPolicy(misspelt)).status).toBe(400);
    const [early, late] = ['2026-12-20T00:00:00Z', '2027-01-04T00:00:00Z'];
    expect(await setPolicy({ freezeWindows: [{ from: late, to: early, reason: 'year end' }] })).toMatchObject({
      status: 400,
      body: { errors: [{ path: 'policy.freezeWindows.0.to', message: 'a window ends after it begins' }] },
    });
    expect(await setPolicy({ approvals: { prodction: [{ role: 'approver', count: 2 }] } })).toMatchObject({
      status: 422,
      body: { code: 'registry.environment_unknown', detail: expect.stringContaining('prodction') },
    });
    expect((await setPolicy({ metrics: { floors: { accuracy: 0.95, recall: 0.5 } }, requiredTags: ['card'] })).body).toMatchObject({
      revision: 1,
    });
    const now = (await registry.call('ada', 'GET', `/v1/models/${model}/versions/1/readiness`)).body;
    expect([now.isReady, now.policyRevision, now.gates.some(({ gate }: { gate: string }) => gate === 'tag:card')]).toEqual([
      false,
      1,
      true,
    ]);
    const { status, body } = await ask();
    expect(status).toBe(422);
    expect(body.errors).toEqual([
      { path: 'metric:accuracy', message: 'accuracy is 0.9, not at least 0.95' },
      { path: 'metric:recall', message: 'recall is missing, and at least 0.5 is asked for' },
      { path: 'tag:card', message: 'the tag card is missing' },
    ]);
    await setPolicy({ metrics: { floors: { accuracy: 0.85 } }, probe: { rows: 8, maxP95Ms: 10_000, maxResidentBytes: 10 ** 10 } });
    const { body: promotion } = await ask();
    expect(promotion).toMatchObject({ status: 'requested', policyRevision: 2 });
    const gates = Object.fromEntries(promotion.gates.map((gate: { gate: string }) => [gate.gate, gate]));
    expect(gates['metric:accuracy'].margin).toBeCloseTo(0.05);
    expect(gates.latency).toMatchObject({ outcome: 'pass' });
    expect(gates['auc-floor']).toBeUndefined();
    const { body: history } = await registry.call('ada', 'GET', `${path}/history`);
    expect(history.items.map(({ revision }: { revision: number }) => revision)).toEqual([2, 1]);
    expect((await registry.waitFor('registry.policy.changed.v1', 2)).data).toMatchObject({ revision: 2, changedBy: 'ada' });
    await withdraw(promotion.promotionId);
  });

  it('makes approved promotions wait in its freeze windows', async () => {
    const from = new Date(Date.now() - 3_600_000).toISOString();
    await setPolicy({ freezeWindows: [{ from, to: new Date(Date.now() + 3_600_000).toISOString(), reason: 'year end' }] });
    const { promotionId } = (await ask()).body;
    await registry.publish(approvalGranted, { approvalId: newId(), promotionId, decidedBy: 'ada', reason: 'fine' });
    await eventually(async () =>
      expect(await statusOf(promotionId)).toMatchObject({ status: 'waiting', reasons: [expect.stringContaining('year end')] }),
    );
    await setPolicy({});
    await eventually(async () => expect((await statusOf(promotionId)).status).toBe('approved'), { timeoutMs: 30_000 });
    await registry.query(`update registry.promotions set status = 'aborted', ended_at = now() where promotion_id = '${promotionId}'`);
  });
});

describe('an approval that comes later', () => {
  const grant = (promotionId: string) =>
    registry.publish(approvalGranted, { approvalId: newId(), promotionId, decidedBy: 'ada', reason: 'fine' });

  it('is held against the policy and the evidence of then', async () => {
    await setPolicy({});
    const { promotionId } = (await ask()).body;
    await setPolicy({ requiredTags: ['card'] });
    await grant(promotionId);
    await eventually(async () =>
      expect(await statusOf(promotionId)).toMatchObject({
        status: 'refused',
        reasons: ['since it was asked for, tag:card: the tag card is missing'],
        gates: expect.not.arrayContaining([expect.objectContaining({ gate: 'tag:card' })]),
        decision: { gates: expect.arrayContaining([expect.objectContaining({ gate: 'tag:card', outcome: 'fail' })]) },
      }),
    );
    await setPolicy({ approvals: { production: [{ role: 'approver', count: 2 }] } });
    await setPolicy({});
    const second = (await ask()).body.promotionId;
    await setPolicy({ approvals: { production: [{ role: 'approver', count: 2 }] } });
    await grant(second);
    await eventually(async () =>
      expect((await statusOf(second)).reasons).toEqual(['the policy has changed, and nobody said yes as approver: ask again']),
    );
    await setPolicy({});
  });
});

describe('a request', () => {
  it('is taken back by its requester or an administrator, once, and then another may be made', async () => {
    const { promotionId } = (await ask()).body;
    expect((await withdraw(promotionId, 'ada')).status).toBe(403);
    expect((await withdraw(promotionId)).body).toMatchObject({ status: 'refused', reasons: ['withdrawn by sam: not now'] });
    expect(await withdraw(promotionId)).toMatchObject({ status: 409, body: { code: 'registry.promotion_decided' } });
    const second = (await ask('root')).body;
    expect(await withdraw(second.promotionId)).toMatchObject({ status: 403, body: { code: 'registry.not_the_requester' } });
    expect((await withdraw(second.promotionId, 'root')).status).toBe(200);
  });

  it('expires when nobody decides', async () => {
    await setPolicy({ expiresHours: 0.001 });
    const { promotionId } = (await ask()).body;
    await eventually(async () => expect((await statusOf(promotionId)).status).toBe('refused'), { timeoutMs: 40_000 });
    expect((await statusOf(promotionId)).reasons[0]).toContain('nothing was decided before');
    await setPolicy({});
  });

  it('wins alone when several ask at once', async () => {
    const answers = await Promise.all(Array.from({ length: 6 }, () => ask()));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409, 409]);
  });
});

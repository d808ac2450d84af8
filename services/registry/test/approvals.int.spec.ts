import { approvalGranted, rolloutCompleted, runSucceeded } from '@bascule/contracts';
import { newId } from '@bascule/platform';
import { eventually } from '@bascule/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { finishRun, model } from './run-event.js';
import { type Identity, type Registry, startRegistry } from './start-registry.js';

let registry: Registry;
beforeAll(async () => {
  registry = await startRegistry();
  await registry.publish(runSucceeded, await finishRun(registry, 'voted on'));
  await registry.waitFor('registry.version.registered.v1');
});
afterAll(() => registry?.stop());

const version = `/v1/models/${model}/versions/1`;
const setPolicy = (policy: object) =>
  registry.call('ada', 'PUT', `/v1/models/${model}/promotion-policy`, { policy, reason: 'agreed in the board' });
const ask = (who: Identity = 'sam', body: object = {}) =>
  registry.call(who, 'POST', `${version}/promotions`, { environment: 'production', ...body });
const withdraw = (id: string) => registry.call('root', 'POST', `/v1/promotions/${id}/withdraw`, { reason: 'not now' });

describe('approvals', () => {
  const vote = (by: string, ...roles: string[]) => ({
    by,
    roles,
    decision: 'grant' as const,
    reason: 'fine',
    at: new Date().toISOString(),
  });
  const override = { reason: 'agreed with the board of directors' };

  it('are as the policy asks: who, how many, and nobody where it asks nobody', async () => {
    const approvals = { production: [{ role: 'approver', count: 2 }], staging: [] };
    await setPolicy({ approvals });
    const { body } = await ask();
    expect(body.approvals).toEqual(approvals.production);
    expect((await registry.waitFor('registry.promotion.requested.v1')).data).toMatchObject({ approvals: approvals.production });
    const { promotionId } = body;
    const votes = [vote('ada', 'approver'), vote('ben', 'approver')];
    await registry.publish(approvalGranted, { approvalId: newId(), promotionId, decidedBy: 'ben', reason: 'fine', votes: votes.slice(1) });
    const status = async (id: string) => (await registry.call('ada', 'GET', `/v1/promotions/${id}`)).body;
    await eventually(async () =>
      expect(await status(promotionId)).toMatchObject({ status: 'refused', reasons: ['nobody said yes as approver'] }),
    );
    const second = (await ask()).body.promotionId;
    await registry.publish(approvalGranted, { approvalId: newId(), promotionId: second, decidedBy: 'ben', reason: 'fine', votes });
    await eventually(async () => expect((await status(second)).status).toBe('approved'));
    expect((await registry.waitFor('registry.promotion.approved.v1')).data).toMatchObject({ approvers: ['ada', 'ben'] });
  });

  it('may be none for an environment, but an override always needs somebody else', async () => {
    await setPolicy({ approvals: { staging: [] }, requiredTags: ['card'] });
    const overridden = await ask('sam', { environment: 'staging', override });
    expect(overridden.body).toMatchObject({ status: 'requested', approvals: [{ role: 'approver', count: 1 }] });
    await withdraw(overridden.body.promotionId);
    await setPolicy({ approvals: { staging: [] } });
    const { body } = await ask('sam', { environment: 'staging' });
    expect(body).toMatchObject({ status: 'approved', approvals: [], approval: { decidedBy: 'policy', votes: [] } });
  });

  it('overrides are a matter of the roles that the policy names, and stay with the version for ever', async () => {
    await registry.query("update registry.promotions set status = 'aborted', ended_at = now() where ended_at is null");
    await setPolicy({ overrideRoles: ['approver'], requiredTags: ['card'] });
    expect((await ask('sam', { override })).body.code).toBe('registry.override_not_allowed');
    expect((await ask('otto')).body.code).toBe('registry.request_not_allowed');
    const { status, body } = await ask('ada', { override });
    expect([status, body.override]).toEqual([201, { by: 'ada', reason: override.reason }]);
    await withdraw(body.promotionId);
    const { overrides } = (await registry.call('ada', 'GET', version)).body;
    expect(overrides.at(-1)).toMatchObject({ promotionId: body.promotionId, by: 'ada', reason: override.reason, status: 'refused' });
    expect(overrides).toHaveLength(2);
  });

  it('that were passed over stay marked on the alias, its history and its event', async () => {
    await setPolicy({ requiredTags: ['card'] });
    const { promotionId } = (await ask('sam', { override })).body;
    await registry.publish(approvalGranted, { approvalId: newId(), promotionId, decidedBy: 'ada', reason: 'fine' });
    await eventually(async () => expect((await registry.call('ada', 'GET', `/v1/promotions/${promotionId}`)).body.status).toBe('approved'));
    const count = registry.seen('registry.alias.moved.v1').length;
    const rollout = {
      rolloutId: newId(),
      promotionId,
      modelName: model,
      environment: 'production',
      version: 1,
      artifactDigest: 'd'.repeat(64),
    };
    await registry.publish(rolloutCompleted, { ...rollout, reasons: ['done'] });
    const marked = { override: { by: 'sam', reason: override.reason } };
    expect((await registry.waitFor('registry.alias.moved.v1', count + 1)).data).toMatchObject(marked);
    const aliases = (await registry.call('ada', 'GET', `/v1/models/${model}/aliases`)).body.items;
    expect(aliases.find(({ environment }: { environment: string }) => environment === 'production')).toMatchObject(marked);
    expect((await registry.call('ada', 'GET', `/v1/models/${model}/aliases/champion`)).body.evidence).toMatchObject(marked);
    expect((await registry.call('ada', 'GET', version)).body.overrides.at(-1)).toMatchObject({ promotionId, status: 'completed' });
  });
});

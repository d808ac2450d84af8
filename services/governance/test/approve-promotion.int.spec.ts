import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { type DataOf, promotionRefused, promotionRequested } from '@bascule/contracts';
import { eventually, type TestIssuer, testIssuer } from '@bascule/testing';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { type Governance, startGovernance } from './start-governance.js';

let governance: Governance;
let issuer: TestIssuer;
beforeAll(async () => {
  issuer = await testIssuer();
  await issuer.addKey('k1');
  const jwt = { JWT_ISSUER: issuer.issuer, JWT_AUDIENCE: 'bascule', JWT_JWKS_URL: issuer.jwksUrl, JWT_IDENTITY_CLAIM: 'email' };
  governance = await startGovernance({ replicas: 2, env: jwt });
});
afterAll(async () => {
  await governance.stop();
  await issuer.stop();
});

async function request(
  requestedBy: string,
  modelName = 'claims-triage',
  more: Partial<DataOf<typeof promotionRequested>> = {},
): Promise<{ promotionId: string; approvalId: string; eventId: string }> {
  const promotionId = randomUUID();
  const eventId = randomUUID();
  const promotion = { promotionId, modelName, version: 1, environment: 'production' as const };
  const data = { ...promotion, requestedBy, gates: [], artifactDigest: 'a'.repeat(64), metrics: { auc: 0.8 }, ...more };
  await governance.publisher.publishEvent({ definition: promotionRequested, id: eventId, data });
  const approvalId = await eventually(async () => {
    const { items } = await governance.get(`/v1/approvals?promotionId=${promotionId}`);
    assert.equal(items.length, 1);
    return items[0].approvalId as string;
  });
  return { promotionId, approvalId, eventId };
}

const vote = (approvalId: string, decision = 'grant') =>
  governance.call('approver', 'POST', `/v1/approvals/${approvalId}/votes`, { decision, reason: 'evidence is good' });

describe('an approval', () => {
  it('is granted by one approver and published with the request as its cause', async () => {
    const { promotionId, approvalId, eventId } = await request('sam');
    const { status, body } = await vote(approvalId);
    assert.deepEqual([status, body.status, body.decidedBy], [200, 'granted', 'approver@local']);
    const [entry] = await eventually(async () => {
      const { items } = await governance.get(`/v1/audit/entries?subject=${promotionId}&type=governance.approval.granted.v1`);
      return items.length === 1 && items;
    });
    assert.equal(entry.causationId, eventId);
  });

  it('is no matter of the requester, whether the request or the vote came with a token or a key', async () => {
    const ballot = { decision: 'grant', reason: 'evidence is good' };
    const tokenOf = (email: string) => issuer.token({ sub: 'u-1', email, roles: ['approver'], models: ['*'] });
    const voteAs = async (token: string, approvalId: string) =>
      governance.call({ token }, 'POST', `/v1/approvals/${approvalId}/votes`, ballot);
    const own = await request('Ada@example.com');
    assert.equal((await voteAs(await tokenOf('ada@example.com'), own.approvalId)).body.code, 'governance.own_request');
    const asked = { identity: 'ada@example.com', roles: ['approver'] };
    const { token } = (await governance.call('admin', 'POST', '/v1/keys', asked)).body;
    await eventually(async () => (await voteAs(token, own.approvalId)).body.code === 'governance.own_request');
    const { status, body } = await voteAs(await tokenOf('ben@example.com'), own.approvalId);
    assert.deepEqual([status, body.decidedBy], [200, 'ben@example.com']);
  });

  it('takes no second vote', async () => {
    const { approvalId } = await request('sam');
    const votes = await Promise.all([vote(approvalId, 'grant'), vote(approvalId, 'deny'), vote(approvalId, 'grant')]);
    assert.deepEqual(votes.map(({ status }) => status).sort(), [200, 409, 409]);
  });

  it('is not decided by the requester', async () => {
    const { approvalId } = await request('approver@local');
    const { status, body } = await vote(approvalId);
    assert.deepEqual([status, body.code], [403, 'governance.own_request']);
  });

  it('is closed when the registry refuses the promotion', async () => {
    const { promotionId, approvalId } = await request('sam');
    const data = { promotionId, modelName: 'claims-triage', version: 1, environment: 'production' as const, reasons: ['superseded'] };
    await governance.publisher.publishEvent({ definition: promotionRefused, data });
    await eventually(async () => (await governance.get(`/v1/approvals/${approvalId}`)).status === 'closed');
    assert.equal((await vote(approvalId)).status, 409);
  });

  it('is seen and decided only by keys whose patterns cover the model', async () => {
    const { approvalId } = await request('sam', 'loans');
    const { promotionId } = await request('sam', 'fraud-cards');
    const { body } = await governance.call('admin', 'POST', '/v1/keys', { identity: 'nia', roles: ['approver'], models: ['fraud-*'] });
    const seen = (path: string) => governance.call({ token: body.token }, 'GET', path);
    await eventually(async () => assert.equal((await seen('/v1/approvals')).status, 200));
    const { items, nextCursor } = (await seen('/v1/approvals?limit=1')).body;
    assert.deepEqual([items.map((approval: { promotionId: string }) => approval.promotionId), nextCursor], [[promotionId], null]);
    assert.equal((await seen(`/v1/approvals/${approvalId}`)).body.code, 'access.model_not_allowed');
    const foreign = { decision: 'grant', reason: 'not mine' };
    const cast = await governance.call({ token: body.token }, 'POST', `/v1/approvals/${approvalId}/votes`, foreign);
    assert.equal(cast.body.code, 'access.model_not_allowed');
  });

  it('opens once although its event comes twice', async () => {
    const { eventId, promotionId } = await request('sam');
    const { js, jsm } = governance.connection;
    const { data, header } = (await jsm.streams.getMessage('REGISTRY', { last_by_subj: promotionRequested.type }))!;
    // without the message id of before NATS takes it for a new message
    header.set('Nats-Msg-Id', randomUUID());
    await js.publish(promotionRequested.type, data, { headers: header });
    await request('sam');
    const { items } = await governance.get(`/v1/approvals?promotionId=${promotionId}`);
    assert.equal(items.length, 1);
    await eventually(async () => assert.equal((await governance.get(`/v1/audit/why/${eventId}`)).kind, 'event'));
  });

  describe('that asks for several people', () => {
    const approvals = [
      { role: 'approver', count: 2 },
      { role: 'operator', count: 1 },
    ] as const;
    const keyOf = async (identity: string, ...roles: string[]) => {
      const { token } = (await governance.call('admin', 'POST', '/v1/keys', { identity, roles })).body;
      for (const replica of [0, 1])
        await eventually(async () => assert.equal((await governance.call({ token }, 'GET', '/v1/whoami', undefined, replica)).status, 200));
      return (approvalId: string, decision = 'grant', replica = 0) => {
        const ballot = { decision, reason: `${identity} looked at it` };
        return governance.call({ token }, 'POST', `/v1/approvals/${approvalId}/votes`, ballot, replica);
      };
    };

    it('is granted by the last yes of two that race at two replicas, with every vote on record', async () => {
      const { promotionId, approvalId } = await request('sam', 'claims-triage', { approvals: [...approvals] });
      const [ada, ben, otto] = await Promise.all([
        keyOf('ada', 'approver'),
        keyOf('ben', 'approver', 'operator'),
        keyOf('otto', 'operator'),
      ]);
      const first = await otto(approvalId);
      assert.deepEqual([first.status, first.body.status, first.body.missing], [200, 'pending', ['approver', 'approver']]);
      assert.equal((await otto(approvalId)).body.code, 'governance.already_voted');
      const raced = await Promise.all([ada(approvalId), ben(approvalId, 'grant', 1)]);
      assert.deepEqual(raced.map(({ body }) => body.status).sort(), ['granted', 'pending']);
      const { votes, status, missing } = await governance.get(`/v1/approvals/${approvalId}`);
      assert.deepEqual([status, missing, votes.length, votes[0].voter], ['granted', [], 3, 'otto']);
      const told = async (type: string) => (await governance.get(`/v1/audit/entries?subject=${promotionId}&type=${type}`)).items;
      await eventually(async () => assert.equal((await told('governance.approval.granted.v1')).length, 1));
      await eventually(async () => assert.equal((await told('governance.approval.voted.v1')).length, 2));
    });

    it('is denied by one no', async () => {
      const { approvalId } = await request('sam', 'claims-triage', { approvals: [...approvals] });
      const [cleo, dan] = await Promise.all([keyOf('cleo', 'approver'), keyOf('dan', 'operator')]);
      assert.equal((await cleo(approvalId)).body.status, 'pending');
      assert.equal((await dan(approvalId, 'deny')).body.status, 'denied');
      assert.equal((await vote(approvalId)).body.code, 'governance.already_decided');
    });

    it('is no matter of other roles', async () => {
      const { approvalId } = await request('sam', 'claims-triage', { approvals: [{ role: 'operator', count: 1 }] });
      assert.deepEqual([(await vote(approvalId)).status, (await vote(approvalId)).body.code], [403, 'governance.role_not_asked']);
    });
  });

  it('is not opened where nobody is asked', async () => {
    const promotionId = randomUUID();
    const eventId = randomUUID();
    const promotion = { promotionId, modelName: 'claims-triage', version: 1, environment: 'staging' };
    const data = { ...promotion, requestedBy: 'sam', gates: [], artifactDigest: 'a'.repeat(64), metrics: {}, approvals: [] };
    await governance.publisher.publishEvent({ definition: promotionRequested, id: eventId, data });
    const { approvalId } = await request('sam');
    assert.ok(approvalId);
    assert.equal((await governance.get(`/v1/approvals?promotionId=${promotionId}`)).items.length, 0);
  });
});

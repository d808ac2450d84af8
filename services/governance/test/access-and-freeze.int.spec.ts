import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { buckets, freezeKey } from '@bascule/contracts';
import { eventually, openBodies } from '@bascule/testing';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { type Answer, type Governance, startGovernance } from './start-governance.js';

let governance: Governance;
beforeAll(async () => {
  governance = await startGovernance();
});
afterAll(() => governance.stop());

async function bucketValue(bucket: string, key: string): Promise<Answer> {
  return (await (await governance.connection.kvm.open(bucket)).get(key))?.json();
}

describe('keys', () => {
  it('of the installation open every role its own doors and no others', async () => {
    const { call } = governance;
    assert.equal((await call('auditor', 'GET', '/v1/whoami')).body.identity, 'auditor@local');
    assert.equal((await call('client', 'GET', '/v1/keys')).status, 403);
    assert.equal((await call(undefined, 'GET', '/v1/whoami')).status, 401);
  });

  it('are refused within a second of their revocation, and nothing of the secret is stored', async () => {
    const { call } = governance;
    const made = await call('admin', 'POST', '/v1/keys', { identity: 'tess', roles: ['client'], models: ['claims-*'] });
    assert.equal(made.status, 201);
    const { token, keyId } = made.body;
    await eventually(async () => (await call({ token }, 'GET', '/v1/whoami')).status === 200, { timeoutMs: 1000 });
    assert.ok(!JSON.stringify(await bucketValue(buckets.access, keyId)).includes(token.slice(-43)));
    assert.equal((await call('admin', 'POST', `/v1/keys/${keyId}/revoke`)).status, 200);
    await eventually(async () => (await call({ token }, 'GET', '/v1/whoami')).status === 401, { timeoutMs: 1000 });
  });

  it('are made for no more names than their maker may touch', async () => {
    const { call } = governance;
    const { token, keyId } = (await call('admin', 'POST', '/v1/keys', { identity: 'ann', roles: ['admin'], models: ['claims-*'] })).body;
    const make = (models?: string[]) => call({ token }, 'POST', '/v1/keys', { identity: 'bob', roles: ['client'], models });
    await eventually(async () => (await make(['claims-a*'])).status === 201);
    for (const models of [undefined, ['*'], ['loans'], ['claims-a', 'c*']]) {
      assert.equal((await make(models)).body.code, 'access.model_not_allowed');
    }
    await call('admin', 'POST', `/v1/keys/${keyId}/revoke`);
  });

  it('carry limits that are changed, shown, announced and taken away', async () => {
    const { call } = governance;
    const limits = { requestsPerSecond: 2.5, burst: 10, concurrentRequests: 4, rowsPerDay: 50_000 };
    const made = await call('admin', 'POST', '/v1/keys', { identity: 'lim', roles: ['client'], limits });
    assert.deepEqual([made.status, made.body.limits], [201, limits]);
    const { keyId, token } = made.body;
    await eventually(async () => assert.deepEqual((await bucketValue(buckets.access, keyId))?.limits, limits), { timeoutMs: 1000 });
    const fewer = { rowsPerDay: 10 };
    const set = (body: unknown, by: Parameters<typeof call>[0] = 'admin') => call(by, 'PUT', `/v1/keys/${keyId}/limits`, body);
    assert.deepEqual((await set(fewer)).body.limits, fewer);
    await eventually(async () => assert.deepEqual((await call({ token }, 'GET', '/v1/whoami')).body.limits, fewer), { timeoutMs: 1000 });
    const listed = (await call('auditor', 'GET', '/v1/keys?limit=100')).body.items;
    assert.deepEqual(listed.find((key: { keyId: string }) => key.keyId === keyId).limits, fewer);
    assert.equal((await set({})).body.limits, null);
    await eventually(async () => assert.equal((await bucketValue(buckets.access, keyId)).limits, undefined), { timeoutMs: 1000 });
    const told = async () => (await governance.get(`/v1/audit/entries?subject=${keyId}`)).items;
    await eventually(async () => assert.equal((await told()).length, 3));
    assert.equal((await set(fewer, 'operator')).status, 403);
    assert.equal((await call('admin', 'PUT', '/v1/keys/aaaaaaaaaaaa/limits', fewer)).body.code, 'governance.key_not_found');
  });

  it.each([
    [{ rowsPerMonth: 5 }, 'limits'],
    [{ burst: 5 }, 'limits.burst'],
    [{ requestsPerSecond: 0 }, 'limits.requestsPerSecond'],
    [{ requestsPerSecond: '5' }, 'limits.requestsPerSecond'],
    [{ concurrentRequests: 1.5 }, 'limits.concurrentRequests'],
    [{ rowsPerDay: 1e15 }, 'limits.rowsPerDay'],
  ])('refuse a limit that would not hold: %j', async (limits, path) => {
    const { status, body } = await governance.call('admin', 'POST', '/v1/keys', { identity: 'lim', roles: ['client'], limits });
    assert.deepEqual([status, body.errors[0].path], [400, path]);
  });

  it('are limited only by who may touch all their names', async () => {
    const { call } = governance;
    const { token, keyId } = (await call('admin', 'POST', '/v1/keys', { identity: 'ann', roles: ['admin'], models: ['claims-*'] })).body;
    const other = (await call('admin', 'POST', '/v1/keys', { identity: 'bob', roles: ['client'], models: ['loans'] })).body;
    const set = () => call({ token }, 'PUT', `/v1/keys/${other.keyId}/limits`, {});
    await eventually(async () => (await set()).body.code === 'access.model_not_allowed');
    await call('admin', 'POST', `/v1/keys/${keyId}/revoke`);
  });

  it('never leave the installation without an admin', async () => {
    const { body } = await governance.call('admin', 'GET', '/v1/whoami');
    assert.equal((await governance.call('admin', 'POST', `/v1/keys/${body.keyId}/revoke`)).body.code, 'governance.last_admin');
  });

  it('come back to a bucket that lost them', async () => {
    const { keyId } = (await governance.call('client', 'GET', '/v1/whoami')).body;
    await (await governance.connection.kvm.open(buckets.access)).purge(keyId);
    await eventually(async () => (await bucketValue(buckets.access, keyId))?.keyId === keyId);
  });
});

describe('a text that cannot be stored', () => {
  it('is refused with its place, not with a failure of the server', async () => {
    const { call } = governance;
    const key = await call('admin', 'POST', '/v1/keys', { identity: 'a\u0000b', roles: ['client'], models: ['claims-*'] });
    assert.deepEqual([key.status, key.body.errors[0].path], [400, 'identity']);
    const freeze = await call('operator', 'POST', '/v1/freeze', { reason: 'a\u0000' });
    assert.deepEqual([freeze.status, freeze.body.errors[0].path], [400, 'reason']);
  });
});

describe('the API description', () => {
  it('says what every operation does', async () => {
    const { body } = await governance.call(undefined, 'GET', '/openapi.json');
    const operations = Object.values<Record<string, { summary?: string }>>(body.paths).flatMap((path) => Object.values(path));
    assert.ok(operations.length > 15);
    assert.deepEqual(
      operations.filter(({ summary }) => !summary),
      [],
    );
    assert.deepEqual(openBodies(body), []);
    const misspelt = await governance.call('operator', 'POST', '/v1/freeze', { reason: 'odd verdicts', environment: 'staging' });
    assert.deepEqual([misspelt.status, JSON.stringify(misspelt.body.errors).includes('environment')], [400, true]);
  });
});

describe('the freeze switch', () => {
  it('is seen in the bucket within a second, survives a restart and is undone by a person', async () => {
    const { call } = governance;
    assert.equal((await call('scientist', 'POST', '/v1/freeze', { reason: 'no' })).status, 403);
    const { body } = await call('operator', 'POST', '/v1/freeze', { reason: 'odd verdicts' });
    assert.deepEqual([body.frozen, body.by, body.reason], [true, 'operator@local', 'odd verdicts']);
    await eventually(async () => (await bucketValue(buckets.control, freezeKey))?.frozen === true, { timeoutMs: 1000 });
    await call('admin', 'POST', '/v1/freeze', { reason: 'me too' });
    await governance.restart();
    assert.deepEqual(await governance.get('/v1/freeze'), body);
    await (await governance.connection.kvm.open(buckets.control)).purge(freezeKey);
    await eventually(async () => (await bucketValue(buckets.control, freezeKey))?.frozen === true);
    assert.equal((await call('approver', 'POST', '/v1/unfreeze', { reason: 'looked at' })).body.frozen, false);
    await eventually(async () => (await bucketValue(buckets.control, freezeKey))?.frozen === false, { timeoutMs: 1000 });
    const types = async () => (await governance.get('/v1/audit/entries?subject=loop')).items.map(({ type }: { type: string }) => type);
    await eventually(async () => assert.deepEqual(await types(), ['governance.loop.unfrozen.v1', 'governance.loop.frozen.v1']));
  });
});

describe('the signing key', () => {
  it('is readable by its user only', () => {
    assert.equal(statSync(governance.env.SIGNING_KEY_FILE).mode & 0o777, 0o600);
  });
});

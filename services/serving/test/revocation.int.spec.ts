import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { Agent, request } from 'node:http';
import { hashSecret, newKey } from '@bascule/access';
import { type AccessEntry, buckets } from '@bascule/contracts';
import { KvWriter } from '@bascule/messaging';
import { inference } from '@bascule/proto';
import { eventually, type TestIssuer, temporaryFolder, testIssuer, withinOneDay } from '@bascule/testing';
import { Code, type ConnectError, createClient } from '@connectrpc/connect';
import { createGrpcTransport } from '@connectrpc/connect-node';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { scaleModel, scaleSignature } from './onnx-models.js';
import { call, captured, type Running, ready, type ServingStack, servingStack } from './serving-stack.js';

const body = { inputs: [{ name: 'x', shape: [1, 1], datatype: 'FP32', data: [1] }] };
const grpcRequest = { modelName: 'scale', inputs: [{ name: 'x', datatype: 'FP32', shape: [1n, 1n], contents: { fp32Contents: [1] } }] };

describe('who may ask a gateway', () => {
  let stack: ServingStack;
  let issuer: TestIssuer;
  let gateways: Running[];

  beforeAll(async () => {
    stack = await servingStack();
    issuer = await testIssuer();
    await issuer.addKey('k1');
    for (const model of ['scale', 'other']) {
      await stack.route(model, 1, [await stack.version(1, scaleModel(2), scaleSignature, { percent: 100, role: 'champion' })]);
    }
    const jwt = { JWT_ISSUER: issuer.issuer, JWT_AUDIENCE: 'bascule', JWT_JWKS_URL: issuer.jwksUrl };
    gateways = await Promise.all([stack.start(jwt), stack.start({ ...jwt, SPILL_DIR: temporaryFolder('spill-second') })]);
    await Promise.all(gateways.map(ready));
  });
  afterAll(async () => {
    await stack?.stop();
    await issuer?.stop();
  });

  async function issue(): Promise<{ token: string; entry: AccessEntry; put: (entry: AccessEntry) => Promise<unknown> }> {
    const { keyId, secret, token } = newKey();
    const grant = { identity: 'rev', roles: ['client' as const], models: ['scale'], datasets: [], revokedAt: null };
    const entry: AccessEntry = { keyId, secretHash: hashSecret(secret), ...grant };
    const put = (next: AccessEntry) => new KvWriter(stack.connection).put(buckets.access, keyId, next);
    await put(entry);
    for (const { url } of gateways)
      await eventually(async () => (await call(`${url}/v2/models/scale/infer`, token, { body })).status === 200);
    return { token, entry, put };
  }

  function grpc({ grpcUrl }: Running, token: string) {
    const client = createClient(inference.GRPCInferenceService, createGrpcTransport({ baseUrl: grpcUrl }));
    return () => client.modelInfer(grpcRequest, { headers: { authorization: `Bearer ${token}` } });
  }

  it('is no longer a revoked key within a second, on every gateway and on connections that are open', async () => {
    const { token, entry, put } = await issue();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const asks = gateways.flatMap((gateway) => {
      const overGrpc = grpc(gateway, token);
      const refusedByGrpc = () =>
        overGrpc().then(
          () => false,
          ({ code }: ConnectError) => code === Code.Unauthenticated,
        );
      return [refusedByGrpc, async () => (await onConnection(agent, gateway.url, token)) === 401];
    });
    for (const isRefused of asks) assert.equal(await isRefused(), false);
    await put({ ...entry, revokedAt: new Date().toISOString() });
    await Promise.all(asks.map((isRefused) => eventually(isRefused, { timeoutMs: 1000 })));
    agent.destroy();
  });

  it('is noticed within five seconds when the watch fell silent', async () => {
    const { token, entry, put } = await issue();
    const stream = `KV_${buckets.access}`;
    const { jsm } = stack.connection;
    for await (const { name } of jsm.consumers.list(stream)) await jsm.consumers.delete(stream, name);
    await put({ ...entry, revokedAt: new Date().toISOString() });
    const refusedBy = async ({ url }: Running) => (await call(`${url}/v2/models/scale/infer`, token, { body })).status === 401;
    await Promise.all(gateways.map((gateway) => eventually(() => refusedBy(gateway), { timeoutMs: 5000 })));
  });

  it('is shown with its age, in health and as a metric', async () => {
    for (const { adminUrl } of gateways) {
      const { checks } = (await (await fetch(`${adminUrl}/health/ready`)).json()) as { checks: Record<string, { detail: string }> };
      assert.match(checks['access']!.detail, /^keys confirmed \d+ ms ago$/);
    }
    // services of one process share their instruments
    const metrics = await (await fetch(`${gateways[0]!.adminUrl}/metrics`)).text();
    const names = metrics.split('\n').filter((line) => /^(access|serving_admission)_/.test(line));
    assert.match(names.join('\n'), /^access_keys_age_seconds\S* [\d.]+/m);
    assert.match(names.join('\n'), /^serving_admission_gateways\S* 2/m);
  });

  it('may be somebody with a token, over HTTP and gRPC, for the models of the token only', async () => {
    const [gateway] = gateways as [Running];
    await withinOneDay();
    const token = await issuer.token({ sub: 'client-7', roles: ['client'], models: ['scale'], limits: { rowsPerDay: 3 } });
    const answer = await call(`${gateway.url}/v2/models/scale/infer`, token, { body });
    assert.equal(answer.status, 200);
    assert.equal((await grpc(gateway, token)()).modelVersion, '1');
    const refused = await call(`${gateway.url}/v2/models/other/infer`, token, { body });
    assert.deepEqual([refused.status, refused.body.code], [403, 'access.model_not_allowed']);
    const index = await call(`${gateway.url}/v2/repository/index`, token, { body: {} });
    assert.deepEqual(
      index.body.map(({ name }: { name: string }) => name),
      ['scale'],
    );
    assert.equal((await call(`${gateway.url}/v2/models/other/ready`, token)).status, 403);
    // another token of the same subject, and the same day
    const again = await issuer.token({ sub: 'client-7', roles: ['client'], models: ['*'], limits: { rowsPerDay: 3 } });
    assert.equal((await call(`${gateway.url}/v2/models/scale/infer`, again, { body })).status, 200);
    assert.equal((await call(`${gateway.url}/v2/models/scale/infer`, again, { body })).body.code, 'serving.quota_exhausted');
  });

  it('is captured under a stable name, and may repeat and label, with a subject of any characters', async () => {
    const [gateway] = gateways as [Running];
    const name = (text: string) => `jwt:~${createHash('sha256').update(text).digest('hex').slice(0, 32)}`;
    const ask = async (sub: string) => {
      const token = await issuer.token({ sub, roles: ['client'], models: ['*'] });
      const headers = { 'idempotency-key': 'once' };
      const sent = await call(`${gateway.url}/v2/models/scale/infer`, token, { body, headers });
      assert.equal(sent.status, 200, JSON.stringify(sent.body));
      const again = await call(`${gateway.url}/v2/models/scale/infer`, token, { body, headers });
      assert.equal(again.body.parameters.prediction_id, sent.body.parameters.prediction_id);
      const predictionId = sent.body.parameters.prediction_id as string;
      const items = [{ predictionId, label: 1, occurredAt: '1999-06-01T00:00:00Z', source: 'settlement' }];
      const labelled = await call(`${gateway.url}/v1/models/scale/ground-truth`, token, { body: { items }, headers });
      assert.equal(labelled.status, 202);
      return predictionId;
    };
    const [odd, plain] = [await ask('auth0|ünï > *.x'), await ask('auth0.x')];
    assert.notEqual(odd, plain);
    await eventually(async () => {
      const rows = (await captured(stack)).flatMap(({ predictions }) => predictions);
      const keyOf = (id: string) => rows.find(({ predictionId }) => predictionId === id)?.keyId;
      assert.deepEqual([keyOf(odd), keyOf(plain)], [name('auth0|ünï > *.x'), 'jwt:auth0.x']);
    });
  });

  it.each([
    ['expired', { expiresIn: -60 }, 'access.token_expired'],
    ['for another system', { audience: 'payroll' }, 'access.token_audience'],
  ])('is nobody with a token that is %s', async (_case, options, code) => {
    const [gateway] = gateways as [Running];
    const token = await issuer.token({ sub: 'client-8', roles: ['client'], models: ['*'] }, options);
    const answer = await call(`${gateway.url}/v2/models/scale/infer`, token, { body });
    assert.deepEqual([answer.status, answer.body.code, answer.headers.get('www-authenticate')], [401, code, 'Bearer']);
    await assert.rejects(
      grpc(gateway, token)(),
      (error: ConnectError) => error.code === Code.Unauthenticated && error.message.includes(code),
    );
  });
});

/** The status of one inference on the one connection of an agent. */
function onConnection(agent: Agent, url: string, token: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const asked = request(`${url}/v2/models/scale/infer`, { method: 'POST', agent, headers }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode ?? 0));
    });
    asked.on('error', reject).end(JSON.stringify(body));
  });
}

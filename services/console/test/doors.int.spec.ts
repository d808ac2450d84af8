import { createServer, type IncomingMessage, request as sendRaw } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hashSecret, newKey } from '@bascule/access';
import { buckets, type Role, runStarted } from '@bascule/contracts';
import { ensureStreams, KvWriter, type NatsConnectionHolder, openConnection, Publisher } from '@bascule/messaging';
import { newId, type RunningService, runService } from '@bascule/platform';
import { eventually, testNats } from '@bascule/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { appModule } from '../src/app.module.js';
import { configSchema } from '../src/config.js';

const page = { 'x-bascule-console': '1' };

describe('the doors of the console', () => {
  let nats: Awaited<ReturnType<typeof testNats>>;
  let connection: NatsConnectionHolder;
  let console: RunningService;
  const seen: IncomingMessage[] = [];
  const service = createServer((request, response) => {
    seen.push(request);
    const isMoved = request.url === '/v1/moved';
    response.writeHead(isMoved ? 302 : 200, { 'content-type': 'application/json', ...(isMoved ? { location: '/v1/elsewhere' } : {}) });
    response.end('{}');
  });

  beforeAll(async () => {
    nats = await testNats();
    connection = await openConnection(nats.url, 'test');
    await ensureStreams(connection.jsm);
    await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(service.address() as AddressInfo).port}`;
    const names = ['INGESTION', 'TRAINING', 'REGISTRY', 'SERVING', 'MONITORING', 'GOVERNANCE'];
    const urls = Object.fromEntries(names.map((name) => [`${name}_URL`, url]));
    console = await runService(
      { service: 'console', configSchema, module: appModule },
      { ...urls, NATS_URL: nats.url, LOG_LEVEL: process.env['TEST_LOG_LEVEL'] ?? 'silent', INSTANCE_ID: newId() },
    );
  });
  afterAll(async () => {
    await console?.close();
    service.closeAllConnections();
    service.close();
    await connection?.close();
    await nats?.stop();
  });

  const signIn = (key: string, headers: Record<string, string> = page) =>
    fetch(`${console.url}/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ key }),
    });

  async function session(roles: Role[], models = ['*']): Promise<{ cookie: string; token: string }> {
    const { keyId, secret, token } = newKey();
    const grant = { identity: 'ann', roles, models, datasets: ['*'], revokedAt: null };
    await new KvWriter(connection).put(buckets.access, keyId, { keyId, secretHash: hashSecret(secret), ...grant });
    const answer = await eventually(async () => {
      const response = await signIn(token);
      return response.status === 201 && response;
    });
    return { cookie: answer.headers.get('set-cookie')!.split(';')[0]!, token };
  }

  it('keep the session from scripts and other sites', async () => {
    const { token } = await session(['operator']);
    expect((await signIn(token)).headers.get('set-cookie')).toMatch(/; Path=\/; HttpOnly; SameSite=Strict$/);
    expect((await signIn(token, { ...page, 'x-forwarded-proto': 'https' })).headers.get('set-cookie')).toMatch(/; Secure$/);
    expect((await signIn(token, {})).status).toBe(403);
    expect((await fetch(`${console.url}/session`, { headers: { cookie: 'bascule_session=%zz' } })).status).toBe(401);
  });

  it('send a service the key of the session and nothing else of the caller', async () => {
    const { cookie, token } = await session(['operator']);
    const headers = { cookie, ...page, authorization: 'Bearer forged', 'x-bascule-model-version': '7' };
    expect((await fetch(`${console.url}/api/registry/v1/models?limit=5`, { headers })).status).toBe(200);
    const { url, headers: sent } = seen.at(-1)!;
    expect([url, sent.authorization, sent.cookie, sent['x-bascule-model-version']]).toEqual([
      '/v1/models?limit=5',
      `Bearer ${token}`,
      undefined,
      undefined,
    ]);
  });

  it.each(['POST', 'PUT', 'PATCH', 'DELETE'])('let %s pass from the own page only', async (method) => {
    const { cookie } = await session(['operator']);
    const change = (headers: Record<string, string>) =>
      fetch(`${console.url}/api/governance/v1/freeze`, { method, headers: { cookie, ...headers } });
    expect([(await change({})).status, (await change(page)).status]).toEqual([403, 200]);
  });

  it.each([
    '/api/registry/../..',
    '/api/registry/v1/../../docs',
    '/api/registry/v1/%2e%2e/docs',
    '/api/registry/v1/a%2f..%2fb',
    '/api/%72egistry/v1/models',
    '/api/registry/docs',
    'http://other.example/api/registry/v1/models',
  ])('lead nowhere by %s', async (path) => {
    const { cookie } = await session(['operator']);
    const count = seen.length;
    const { hostname, port } = new URL(console.url);
    const status = await new Promise((resolve, reject) => {
      sendRaw({ hostname, port, path, headers: { cookie } }, (response) => resolve(response.resume().statusCode))
        .on('error', reject)
        .end();
    });
    expect([400, 404]).toContain(status);
    expect(seen.length).toBe(count);
  });

  it('follow no redirect', async () => {
    const { cookie } = await session(['operator']);
    const count = seen.length;
    expect((await fetch(`${console.url}/api/registry/v1/moved`, { headers: { cookie } })).status).toBe(503);
    expect(seen.length).toBe(count + 1);
  });

  it('show a key the events about its models, and a client none', async () => {
    const publisher = new Publisher(connection);
    const [narrow, client] = [await session(['operator'], ['claims-*']), await session(['client'])];
    const read = async ({ cookie }: { cookie: string }) => {
      const response = await fetch(`${console.url}/events`, { headers: { cookie } });
      const heard = { text: '' };
      const ended = (async () => {
        for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) heard.text += chunk;
      })();
      return { heard, ended };
    };
    const [ofNarrow, ofClient] = [await read(narrow), await read(client)];
    for (const modelName of ['loans', 'claims-triage', 'loans', 'claims-last']) {
      const data = { runId: newId(), pipelineName: 'p', modelName, attempt: 1, executor: 'e' };
      await publisher.publishEvent({ definition: runStarted, data });
    }
    await eventually(() => ofNarrow.heard.text.includes('claims-last'));
    expect(ofNarrow.heard.text).toContain('claims-triage');
    expect(ofNarrow.heard.text).not.toContain('loans');
    expect(ofClient.heard.text).not.toContain('data:');
    // the streams end with the console; a page that listens does not hold it up
    await Promise.all([console.close(), ofNarrow.ended, ofClient.ended]);
  });
});

import assert from 'node:assert/strict';
import { connect as connectHttp2 } from 'node:http2';
import { connect } from 'node:net';
import { inference } from '@bascule/proto';
import { eventually } from '@bascule/testing';
import { Code, ConnectError, createClient } from '@connectrpc/connect';
import { createGrpcTransport } from '@connectrpc/connect-node';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { countingModel, countingSignature } from './onnx-models.js';
import { call, type Running, ready, type ServingStack, servingStack } from './serving-stack.js';

const endless = 2 ** 50;

describe('a gateway with more requests than it can hold', () => {
  let stack: ServingStack;
  let client: string;
  const count = ({ url }: Running, to: number) =>
    call(`${url}/v2/models/count/infer`, client, { body: { inputs: [{ name: 'n', shape: [], datatype: 'INT64', data: [to] }] } });

  async function start(settings: Record<string, string>): Promise<Running> {
    const gateway = await stack.start({ MODEL_DEADLINE_MS: '2000', ...settings });
    await ready(gateway);
    return gateway;
  }

  beforeAll(async () => {
    stack = await servingStack();
    client = await stack.key(['client']);
    await stack.route('count', 1, [await stack.version(1, countingModel(), countingSignature, { percent: 100, role: 'champion' })]);
  });
  afterAll(() => stack?.stop());

  it('turns the next one away unread, over both protocols, and takes others once one is answered', async () => {
    const gateway = await start({ IN_FLIGHT_MAX_REQUESTS: '1' });
    const held = count(gateway, endless);
    const refused = await eventually(async () => {
      const answer = await count(gateway, 3);
      return answer.status !== 200 && answer;
    });
    assert.equal(refused.status, 503);
    assert.equal(refused.body.code, 'serving.overloaded');
    assert.ok(refused.body.error);
    assert.equal(refused.headers.get('retry-after'), '1');
    assert.ok(refused.headers.get('x-request-id'));
    const grpc = createClient(inference.GRPCInferenceService, createGrpcTransport({ baseUrl: gateway.grpcUrl }));
    await assert.rejects(grpc.serverLive({}), (error: unknown) => error instanceof ConnectError && error.code === Code.Unavailable);
    assert.equal((await fetch(`${gateway.url}/v2/health/live`)).status, 200);
    assert.equal((await held).status, 504);
    assert.equal((await count(gateway, 3)).status, 200);
    assert.equal((await grpc.serverLive({})).live, true);
  });

  it('sets room aside for a body before it has come, and gives it back when the client goes', async () => {
    const gateway = await start({ IN_FLIGHT_MAX_BYTES: '2000000' });
    const { port, hostname } = new URL(gateway.url);
    const slow = connect(Number(port), hostname);
    const head = ['POST /v2/models/count/infer HTTP/1.1', 'host: x', `authorization: Bearer ${client}`, 'content-length: 1999999'];
    slow.write(`${head.join('\r\n')}\r\n\r\n{`);
    await eventually(async () => assert.equal((await count(gateway, 3)).status, 503));
    slow.destroy();
    await eventually(async () => assert.equal((await count(gateway, 3)).status, 200));
  });

  it.each([9, 999_999])('ends a body of %i bytes of which nothing more comes', async (bytes) => {
    const gateway = await start({ IN_FLIGHT_MAX_REQUESTS: '1', REQUEST_DEADLINE_MS: '500' });
    const { port, hostname } = new URL(gateway.url);
    const silent = connect(Number(port), hostname);
    let received = '';
    silent.on('data', (chunk) => {
      received += chunk;
    });
    // not usual: the web server reads it
    const head = ['POST /v2/models/count/infer HTTP/1.1', 'host: x', 'x-odd: 1', `authorization: Bearer ${client}`];
    silent.write(`${head.join('\r\n')}\r\ncontent-length: ${bytes}\r\n\r\n{`);
    await eventually(async () => assert.match(received, /^HTTP\/1\.1 408 /));
    await eventually(async () => assert.equal((await count(gateway, 3)).status, 200));
    silent.destroy();
  });

  it('answers others while one key has more half-sent bodies on the way than there is room', async () => {
    const gateway = await start({ IN_FLIGHT_MAX_REQUESTS: '400' });
    const { port, hostname } = new URL(gateway.url);
    const greedy = await stack.key(['client']);
    let refusals = 0;
    const sockets = Array.from({ length: 600 }, (_, index) => {
      const socket = connect(Number(port), hostname);
      socket
        .on('error', () => undefined)
        .on('data', (chunk) => {
          if (chunk.includes('serving.too_many_bodies')) refusals++;
        });
      // read by the web framework, by the web server and from the socket
      const odd = index % 3 === 0 ? ['x-odd: 1'] : index % 3 === 1 ? ['content-length: 99999'] : [];
      const length = index % 3 === 1 ? [] : ['content-length: 999'];
      const head = ['POST /v2/models/count/infer HTTP/1.1', 'host: x', `authorization: Bearer ${greedy}`, ...odd, ...length];
      socket.write(`${head.join('\r\n')}\r\n\r\n{`);
      return socket;
    });
    try {
      await eventually(() => refusals >= 400);
      const answers = await Promise.all(Array.from({ length: 100 }, () => count(gateway, 3)));
      assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]));
      const greedyAnswer = await call(`${gateway.url}/v2/models/count/infer`, greedy, { body: { inputs: [] }, headers: { 'x-odd': '1' } });
      assert.deepEqual([greedyAnswer.status, greedyAnswer.body.code], [429, 'serving.too_many_bodies']);
    } finally {
      for (const socket of sockets) socket.destroy();
    }
  });

  it('ends a message of gRPC of which nothing more comes, and gives its place back', async () => {
    const gateway = await start({ IN_FLIGHT_MAX_REQUESTS: '1', REQUEST_DEADLINE_MS: '500' });
    const session = connectHttp2(gateway.grpcUrl);
    try {
      const stream = session.request({
        ':method': 'POST',
        ':path': '/inference.GRPCInferenceService/ModelInfer',
        'content-type': 'application/grpc',
        te: 'trailers',
        authorization: `Bearer ${client}`,
      });
      stream.write(Buffer.from([0, 0, 0, 1, 0, 1]));
      const headers = await new Promise<Record<string, unknown>>((resolve, reject) =>
        stream.once('response', resolve).once('error', reject),
      );
      assert.deepEqual([headers['grpc-status'], headers['error-code']], ['4', 'platform.request_timed_out']);
      const grpc = createClient(inference.GRPCInferenceService, createGrpcTransport({ baseUrl: gateway.grpcUrl }));
      assert.equal((await grpc.serverLive({})).live, true);
    } finally {
      session.destroy();
    }
  });

  it('turns away those that would wait longer than they can, with the time to come back', async () => {
    const gateway = await start({ QUEUE_MAX_ROWS: '4' });
    const held = Array.from({ length: 2 }, () => count(gateway, endless));
    const others = await Promise.all(Array.from({ length: 10 }, () => count(gateway, 3)));
    const refused = others.filter(({ status }) => status === 429);
    assert.ok(refused.length >= 4, others.map(({ status }) => status).join());
    for (const { body, headers } of refused) {
      assert.equal(body.code, 'serving.queue_full');
      assert.ok(Number(headers.get('retry-after')) >= 1);
    }
    await Promise.all(held);
  });

  it('turns away unread whom its own timeout leaves less time than those ahead take', async () => {
    const gateway = await start({ MODEL_DEADLINE_MS: '3000' });
    const inputs = [{ name: 'n', shape: [], datatype: 'INT64', data: [20_000] }];
    const unread = async () =>
      Number(
        /serving_overload_refusals_total\{[^}]*"http"[^}]*\} (\d+)/.exec(await (await fetch(`${gateway.adminUrl}/metrics`)).text())?.[1] ??
          0,
      );
    // what others are ready to wait says nothing about it
    for (let known = 0; known < 10; known++) assert.equal((await count(gateway, 20_000)).status, 200);
    const before = await unread();
    let isHeld = true;
    const held = count(gateway, endless).finally(() => {
      isHeld = false;
    });
    const refused = await eventually(async () => {
      const answer = await call(`${gateway.url}/v2/models/count/infer`, client, { body: { inputs, parameters: { timeout: 1_000 } } });
      return answer.status === 429 && (await unread()) > before && answer;
    });
    // not later, when nobody was ready to wait lately
    assert.equal(isHeld, true);
    assert.equal(refused.body.code, 'serving.queue_full');
    assert.ok(Number(refused.headers.get('retry-after')) >= 1);
    assert.equal((await held).status, 504);
  });
});

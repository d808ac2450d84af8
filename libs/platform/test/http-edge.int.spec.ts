import { connect } from 'node:net';
import { eventually } from '@bascule/testing';
import { Body, Controller, Get, Module, Param, Post, Query } from '@nestjs/common';
import { context, trace } from '@opentelemetry/api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type PageQuery, pageQuery, platformConfigSchema, type RunningService, runService } from '../src/index.js';

const bodySchema = z.object({ name: z.string().min(2) });
let release: (() => void) | undefined;

@Controller('v1')
class ThingsController {
  @Get('things')
  list(@Query({ schema: pageQuery }) query: PageQuery) {
    return query;
  }
  @Post('things')
  make(@Body({ schema: bodySchema }) body: { name: string }) {
    return { ...body, traceId: trace.getSpan(context.active())?.spanContext().traceId };
  }
  @Post('raw')
  raw(@Body() body: Buffer) {
    return { bytes: body.length };
  }
  @Get('things/:number')
  one(@Param('number', { schema: z.coerce.number() }) number: number) {
    return { number };
  }
  @Get('boom')
  boom() {
    throw new Error('a secret of ours');
  }
  @Get('slow')
  async slow() {
    await new Promise<void>((resolve) => {
      release = resolve;
    });
    return { done: true };
  }
}

@Module({ controllers: [ThingsController] })
class ThingsModule {}

let service: RunningService;
beforeAll(async () => {
  const module = () => ({ module: ThingsModule });
  const options = {
    service: 'things',
    configSchema: platformConfigSchema,
    module,
    rawBodies: ['text/csv'],
    bodyLimitBytes: 100_000,
    jsonLimitBytes: 10_000,
  };
  service = await runService(options, { NATS_URL: 'nats://unused', LOG_LEVEL: 'silent' });
});
afterAll(() => service?.close());

async function send(method: string, path: string, body?: string, headers: Record<string, string> = {}) {
  const type = body === undefined ? {} : { 'content-type': 'application/json' };
  const response = await fetch(service.url + path, { method, headers: { ...type, ...headers }, ...(body === undefined ? {} : { body }) });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

describe('a request', () => {
  it('is validated, with every fault named', async () => {
    expect(await send('POST', '/v1/things', '{"name":"a"}')).toMatchObject({
      status: 400,
      body: { code: 'platform.invalid_request', errors: [{ path: 'name' }] },
    });
    expect((await send('GET', '/v1/things?limit=3')).body).toEqual({ limit: 3 });
  });

  it.each([
    ['{"name":', 400, 'platform.malformed_json'],
    ['{"__proto__":{"admin":true},"name":"ab"}', 400, 'platform.forbidden_json_name'],
    ['['.repeat(33) + ']'.repeat(33), 400, 'platform.json_too_deep'],
    [`{"name":"${'x'.repeat(10_000)}"}`, 413, 'platform.body_too_large'],
  ])('with a bad body is refused with a stable code (%#)', async (body, status, code) => {
    expect(await send('POST', '/v1/things', body)).toMatchObject({ status, body: { code, status } });
  });

  it('of an unknown content type is refused', async () => {
    const answer = await send('POST', '/v1/things', 'x', { 'content-type': 'text/plain' });
    expect(answer).toMatchObject({ status: 415, body: { code: 'platform.unsupported_media_type', status: 415 } });
  });

  it('may carry a raw body of a named content type, larger than JSON may be', async () => {
    const answer = await send('POST', '/v1/raw', 'a,b\n'.repeat(10_000), { 'content-type': 'text/csv; charset=utf-8' });
    expect(answer).toMatchObject({ status: 201, body: { bytes: 40_000 } });
  });

  it.each([
    ['POST', '/v1/things', '{"name":"a\\u0000b"}', 'name'],
    ['POST', '/v1/things', '{"name":"ab","more":[{"text":"\\udc00"}]}', 'more.0.text'],
    ['GET', '/v1/things?cursor=a%00b', undefined, 'cursor'],
    ['GET', '/v1/things/%00', undefined, 'number'],
  ])('with text that cannot be stored is refused and the place named (%#)', async (method, address, body, path) => {
    expect(await send(method, address, body)).toMatchObject({
      status: 400,
      body: { code: 'platform.invalid_request', errors: [{ path }] },
    });
  });

  it('with a bad path parameter is refused and the parameter named', async () => {
    expect(await send('GET', '/v1/things/many')).toMatchObject({ status: 400, body: { errors: [{ path: 'number' }] } });
  });

  it('with an empty cursor is refused', async () => {
    expect(await send('GET', '/v1/things?cursor=')).toMatchObject({ status: 400, body: { errors: [{ path: 'cursor' }] } });
  });

  it('with a method its address does not take is told which it takes', async () => {
    const { status, headers, body } = await send('DELETE', '/v1/things?limit=1');
    expect({ status, allow: headers.get('allow'), code: body.code }).toEqual({
      status: 405,
      allow: 'GET, POST',
      code: 'platform.method_not_allowed',
    });
    expect(headers.get('content-type')).toContain('application/problem+json');
  });

  it('to an unknown address gets a problem, also when the address cannot be decoded', async () => {
    expect(await send('GET', '/v1/nothing')).toMatchObject({ status: 404, body: { code: 'platform.route_not_found' } });
    expect(await send('GET', '/v1/%E0%A4%A')).toMatchObject({ status: 400, body: { code: 'platform.malformed_request' } });
  });

  it('that fails unexpectedly says nothing about the inside', async () => {
    const { status, body, headers } = await send('GET', '/v1/boom', undefined, { 'x-request-id': 'request-0001' });
    expect({ status, code: body.code, instance: body.instance }).toEqual({
      status: 500,
      code: 'platform.unexpected',
      instance: 'urn:bascule:request:request-0001',
    });
    expect(headers.get('content-type')).toContain('application/problem+json');
    expect(JSON.stringify(body)).not.toContain('secret');
  });

  it('continues the trace of its caller, also behind the body', async () => {
    const traceId = '0af7651916cd43dd8448eb211c80319c';
    const { body } = await send('POST', '/v1/things', '{"name":"ab"}', { traceparent: `00-${traceId}-b7ad6b7169203331-01` });
    expect(body.traceId).toBe(traceId);
  });
});

describe('what is no HTTP request', () => {
  const send = (head: string) =>
    new Promise<string>((resolve, reject) => {
      const { hostname, port } = new URL(service.url);
      let answer = '';
      const socket = connect(Number(port), hostname, () => socket.write(head));
      socket
        .on('data', (bytes) => (answer += bytes))
        .on('close', () => resolve(answer))
        // the server ended it with bytes unread: what it answered is there
        .on('error', (error) => (answer === '' ? reject(error) : resolve(answer)));
    });

  it.each([
    ['a length that is none', 'POST /v1/things HTTP/1.1\r\nhost: a\r\ncontent-length: ten\r\n\r\n', 400, 'platform.malformed_request'],
    ['headers that are too large', `GET / HTTP/1.1\r\nhost: a\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`, 431, 'platform.headers_too_large'],
    ['no host', 'GET /v1/things HTTP/1.1\r\nconnection: close\r\n\r\n', 400, 'platform.malformed_request'],
    ['no HTTP at all', '\u0016\u0003\u0001 hello\r\n\r\n', 400, 'platform.malformed_request'],
  ])('is answered as a problem: %s', async (_name, head, status, code) => {
    const [first = '', json = ''] = (await send(head)).split('\r\n\r\n');
    expect(first).toContain(`HTTP/1.1 ${status} `);
    expect(first).toContain('application/problem+json');
    expect(JSON.parse(json)).toMatchObject({ status, code, type: `urn:bascule:error:${code}` });
    expect((await fetch(`${service.url}/health/live`)).status).toBe(200);
  });

  it('and an expectation that nobody knows is none', async () => {
    const answer = await send('GET /v1/things HTTP/1.1\r\nhost: a\r\nexpect: tea\r\nconnection: close\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
  });
});

describe('the API description', () => {
  it('says where the server is and how every operation tells errors', async () => {
    const { body } = await send('GET', '/openapi.json');
    expect(body.servers).toMatchObject([{ url: '/' }]);
    const operations = Object.values(body.paths as object).flatMap((path) => Object.values(path as object));
    expect(operations.length).toBeGreaterThan(3);
    for (const { responses } of operations) {
      expect(responses).toMatchObject({ '4XX': { $ref: '#/components/responses/Problem' }, '5XX': {} });
    }
    expect(body.components.responses.Problem.content['application/problem+json']).toEqual({
      schema: { $ref: '#/components/schemas/Problem' },
    });
  });
});

describe('the admin port', () => {
  it('serves metrics by route', async () => {
    const text = await (await fetch(`${service.adminUrl}/metrics`)).text();
    expect(text).toContain('http_server_request_duration_seconds_count{method="GET",route="/v1/boom",status="500"}');
  });

  it('serves health', async () => {
    expect((await fetch(`${service.adminUrl}/health/live`)).status).toBe(200);
    expect((await fetch(`${service.adminUrl}/health/ready`)).status).toBe(200);
  });
});

describe('a stop', () => {
  it('lets the running request end and is not ready meanwhile', async () => {
    const running = send('GET', '/v1/slow');
    await eventually(() => release !== undefined);
    const closed = service.close();
    const { status, shuttingDown } = await (await fetch(`${service.adminUrl}/health/ready`)).json();
    expect({ status, shuttingDown }).toEqual({ status: 'not-ready', shuttingDown: true });
    release?.();
    expect((await running).body).toEqual({ done: true });
    await closed;
    await expect(fetch(`${service.url}/health/live`)).rejects.toThrow();
  });
});

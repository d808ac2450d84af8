import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { eventually } from '@bascule/testing';
import { afterAll, afterEach, beforeAll, describe, it } from 'vitest';
import { scaleModel, scaleSignature } from './onnx-models.js';
import { type Running, ready, type ServingStack, servingStack } from './serving-stack.js';

const handledChannel = 'tracing:fastify.request.handler:start';
const webServerChannel = 'http.server.request.start';
const row = '{"inputs":[{"name":"x","datatype":"FP32","shape":[1,1],"data":[1]}]}';

/** Who may answer: the connection itself, the lane behind the web server, the web framework. */
type Way = 'connection' | 'web server' | 'framework';

describe('the express lane of plain inferences', () => {
  let stack: ServingStack;
  let gateway: Running;
  let client: string;
  const sockets: Socket[] = [];
  const seen = { webServer: 0, framework: 0 };
  const countWebServer = () => seen.webServer++;
  const countFramework = () => seen.framework++;

  beforeAll(async () => {
    stack = await servingStack();
    client = await stack.key(['client']);
    await stack.route('scale', 1, [await stack.version(1, scaleModel(2), scaleSignature, { percent: 100, role: 'champion' })]);
    gateway = await stack.start();
    await ready(gateway);
    subscribe(webServerChannel, countWebServer);
    subscribe(handledChannel, countFramework);
  });
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.destroy();
  });
  afterAll(async () => {
    unsubscribe(webServerChannel, countWebServer);
    unsubscribe(handledChannel, countFramework);
    await stack?.stop();
  });

  /** A connection, and what came on it so far. */
  async function open() {
    const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1').setNoDelay(true);
    sockets.push(socket);
    const connection = { socket, received: '', isEnded: false };
    socket.on('data', (chunk) => {
      connection.received += chunk.toString('latin1');
    });
    socket.on('end', () => {
      connection.isEnded = true;
    });
    socket.on('error', () => undefined);
    return connection;
  }

  function request(body: string | Buffer, headers: Record<string, string> = {}, model = 'scale'): Buffer {
    const all = { host: 'a', authorization: `Bearer ${client}`, 'content-type': 'application/json', 'x-request-id': 'asked-1', ...headers };
    const bytes = Buffer.from(body);
    const lines = Object.entries({ ...all, 'content-length': String(bytes.length) }).map(([name, value]) => `${name}: ${value}\r\n`);
    return Buffer.concat([Buffer.from(`POST /v2/models/${model}/infer HTTP/1.1\r\n${lines.join('')}\r\n`), bytes]);
  }

  /** Sends the pieces, each once the one before has been read, and waits for so many answers. */
  async function exchange(pieces: readonly Buffer[], count = 1): Promise<Answer[]> {
    const connection = await open();
    for (const piece of pieces) {
      connection.socket.write(piece);
      await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    }
    return eventually(
      () => {
        const found = answersIn(connection.received);
        assert.equal(found.length, count);
        return found;
      },
      { timeoutMs: 30_000 },
    );
  }

  /** The same request in the three ways. */
  async function askBy(way: Way, body: string | Buffer, headers: Record<string, string> = {}, model = 'scale'): Promise<Answer> {
    // behind something unusual, the web server keeps the connection
    const before = way === 'web server' ? [request(row, { 'x-unusual': 'yes' })] : [];
    const unusual: Record<string, string> = way === 'framework' ? { 'x-unusual': 'yes' } : {};
    const start = { ...seen };
    const found = await exchange([...before, request(body, { ...headers, ...unusual }, model)], before.length + 1);
    const handledBefore = before.length;
    assert.equal(seen.webServer - start.webServer - handledBefore, way === 'connection' ? 0 : 1);
    // what it cannot read, the framework refuses before a route handles it
    if (way !== 'framework') assert.equal(seen.framework - start.framework - handledBefore, 0);
    return found.at(-1) as Answer;
  }

  const input = (more: string) => `{"inputs":[{"name":"x","datatype":"FP32","shape":[2,1],${more}}]}`;
  it.each<[string, number, string | Buffer]>([
    ['an answer', 200, '{"id":"r-1","inputs":[{"name":"x","datatype":"FP32","shape":[2,1],"data":[1.5,null]}]}'],
    ['an answer in other scripts', 200, '{"id":"größer 日本","inputs":[{"name":"x","datatype":"FP32","shape":[1,1],"data":[1]}]}'],
    [
      'an answer with raw outputs',
      200,
      input('"data":[1,2]}],"outputs":[{"name":"y","parameters":{"binary_data":true}').replace(/\}\]\}$/, '}]}'),
    ],
    ['an answer to nested rows with what JSON has no number for', 200, input('"data":[["NaN"],[-0.0]]')],
    ['a receipt', 200, '{"parameters":{"receipt":true},"inputs":[{"name":"x","datatype":"FP32","shape":[1,1],"data":[1]}]}'],
    ['a refusal of another input', 400, '{"inputs":[{"name":"z","datatype":"FP32","shape":[1,1],"data":[1]}]}'],
    ['a refusal of another shape', 400, input('"data":[1]')],
    ['a refusal of a missing list', 400, '{"inputs":[]}'],
    ['a refusal of another datatype', 400, input('"data":[1,2]').replace('FP32', 'INT64')],
    ['a refusal of an unknown output', 400, `${row.slice(0, -1)},"outputs":[{"name":"none"}]}`],
    ['a refusal of raw bytes that are not there', 400, input('"parameters":{"binary_data_size":8}')],
    ['a refusal of a deadline that cannot be', 400, `{"parameters":{"timeout":-1},${row.slice(1)}`],
    ['a refusal of an id that is too long', 400, `{"id":"${'a'.repeat(300)}",${row.slice(1)}`],
    ['the word that it is no object', 400, '[1]'],
    ['the word that it is no JSON', 400, '{"inputs":'],
    ['the word that something stands behind the JSON', 400, `${row}x`],
    ['the word that it is no UTF-8', 400, Buffer.concat([Buffer.from('{"id":"'), Buffer.of(0xff, 0xfe), Buffer.from('"}')])],
    ['the word that it is too deep', 400, `{"inputs":${'['.repeat(40)}${']'.repeat(40)}}`],
  ])('gives %s on all ways byte for byte alike', async (_, status, body) => {
    const express = await askBy('connection', body);
    assert.equal(express.status, status);
    assert.deepEqual(await askBy('web server', body), express);
    assert.deepEqual(await askBy('framework', body), express);
  });

  it('says alike that there is no such model, and packs alike', async () => {
    const unknown = await askBy('connection', row, {}, 'unknown');
    assert.equal(unknown.status, 404);
    assert.deepEqual(await askBy('framework', row, {}, 'unknown'), unknown);
    const many = JSON.stringify({
      inputs: [{ name: 'x', datatype: 'FP32', shape: [6000, 1], data: Array.from({ length: 6000 }, () => 1.25) }],
    });
    const packed = await askBy('connection', many, { 'accept-encoding': 'gzip' });
    assert.equal(packed.headers['content-encoding'], 'gzip');
    assert.deepEqual((await askBy('framework', many, { 'accept-encoding': 'gzip' })).headers, packed.headers);
  });

  it('leaves to the web framework who has no key', async () => {
    const refused = await askBy('framework', row, { authorization: 'Bearer bsc_aaaaaaaaaaaa_nobody' });
    assert.equal(refused.status, 401);
    const start = { ...seen };
    assert.equal((await exchange([request(row, { authorization: 'Bearer bsc_aaaaaaaaaaaa_nobody' })]))[0]?.status, 401);
    assert.equal(seen.webServer - start.webServer, 1);
  });

  it.each<Way>(['connection', 'web server', 'framework'])(
    'counts what has begun to come as in flight, and ends what breaks off, by way of the %s',
    async (way) => {
      const number = async (series: RegExp) => Number(series.exec(await (await fetch(`${gateway.adminUrl}/metrics`)).text())?.[1] ?? 0);
      const inFlight = /^serving_in_flight_bytes(?:\{[^}]*\})? (\d+)/m;
      const ended = /^http_server_request_duration_seconds_count\{[^}]*infer"[^}]*status="499"[^}]*\} (\d+)/m;
      const before = await number(ended);
      const connection = await open();
      if (way === 'web server') {
        connection.socket.write(request(row, { 'x-unusual': 'yes' }));
        await eventually(() => assert.equal(answersIn(connection.received).length, 1));
      }
      connection.socket.write(request(row, way === 'framework' ? { 'x-unusual': 'yes' } : {}).subarray(0, -10));
      await eventually(async () => assert.equal(await number(inFlight), row.length));
      connection.socket.destroy();
      await eventually(async () => assert.equal(await number(inFlight), 0));
      if (way !== 'connection') await eventually(async () => assert.equal(await number(ended), before + 1));
    },
  );

  it('waits for no body of whom has no key', async () => {
    const connection = await open();
    connection.socket.write(request(row, { authorization: 'Bearer bsc_aaaaaaaaaaaa_nobody' }).subarray(0, -10));
    await eventually(() => assert.match(connection.received, /^HTTP\/1\.1 401 /));
  });

  it('reads a request in two pieces wherever it is cut', async () => {
    const bytes = request(row);
    const cuts = Array.from({ length: bytes.length - 1 }, (_, index) => index + 1).filter(
      (cut) => cut % 7 === 0 || cut > bytes.length - 90,
    );
    const answers = await Promise.all(cuts.map((cut) => exchange([bytes.subarray(0, cut), bytes.subarray(cut)])));
    for (const [answer] of answers) assert.equal(answer?.status, 200);
  });

  it('reads a request that comes byte by byte, with the help of the web server', async () => {
    const pieces = Array.from(request(row), (byte) => Buffer.of(byte));
    assert.equal((await exchange(pieces))[0]?.status, 200);
  });

  it('answers requests that come in one piece in their order, and what is unusual among them too', async () => {
    const named = (id: string, headers: Record<string, string> = {}) => request(row, { 'x-request-id': id, ...headers });
    const bytes = Buffer.concat([named('1'), named('2'), named('3', { 'x-unusual': 'yes' }), named('4')]);
    const answers = await exchange([bytes.subarray(0, bytes.length - 30), bytes.subarray(bytes.length - 30)], 4);
    assert.deepEqual(
      answers.map(({ status, headers }) => [status, headers['x-request-id']]),
      [1, 2, 3, 4].map((id) => [200, String(id)]),
    );
  });

  it('answers a hundred requests that were sent without reading, each once', async () => {
    const all = Buffer.concat(Array.from({ length: 100 }, (_, id) => request(row, { 'x-request-id': String(id) })));
    const answers = await exchange([all], 100);
    assert.deepEqual(
      answers.map(({ headers }) => Number(headers['x-request-id'])),
      Array.from({ length: 100 }, (_, id) => id),
    );
  });

  it('gives the connection to the web server for good with whatever is not plain', async () => {
    const get = Buffer.from('GET /v2/health/live HTTP/1.1\r\nhost: a\r\n\r\n');
    const start = { ...seen };
    const answers = await exchange([request(row), get, request(row)], 3);
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 200, 200],
    );
    assert.equal(seen.webServer - start.webServer, 2);
  });

  it('ends the connection where the client wishes that', async () => {
    const connection = await open();
    connection.socket.write(request(row, { connection: 'close' }));
    await eventually(() => assert.ok(connection.isEnded));
    assert.equal(answersIn(connection.received)[0]?.status, 200);
  });

  it('answers garbage as the web server does', async () => {
    const connection = await open();
    connection.socket.write('\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03');
    await eventually(() => assert.ok(connection.isEnded));
    assert.match(connection.received, /^HTTP\/1\.1 400 /);
  });

  it('stops although idle connections are open, and answers what it has taken', async () => {
    const other = await stack.start();
    await ready(other);
    const socket = connect(Number(new URL(other.url).port), '127.0.0.1');
    sockets.push(socket);
    let received = '';
    let isEnded = false;
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
    });
    socket.on('close', () => {
      isEnded = true;
    });
    await eventually(async () => {
      received = '';
      socket.write(request(row));
      await eventually(() => assert.match(received, /\}$/));
      assert.match(received, /^HTTP\/1\.1 200 /);
    });
    // the rest of the second request, which came with the first, does not come
    const half = connect(Number(new URL(other.url).port), '127.0.0.1');
    sockets.push(half);
    const halfEnded = once(half, 'close');
    half.write(Buffer.concat([request(row), request(row).subarray(0, 100)]));
    await once(half, 'data');
    // nor half of a head, or of a body, on connections of the web server
    const unusual = request(row, { 'x-unusual': 'yes' });
    const silent = [unusual.subarray(0, 60), unusual.subarray(0, -10)].map((sent) => {
      const quiet = connect(Number(new URL(other.url).port), '127.0.0.1').on('error', () => undefined);
      sockets.push(quiet);
      quiet.write(Buffer.concat([unusual, sent]));
      return { ended: once(quiet, 'close'), answered: once(quiet, 'data') };
    });
    await Promise.all(silent.map(({ answered }) => answered));
    await other.close();
    await eventually(() => assert.ok(isEnded));
    await Promise.all([halfEnded, ...silent.map(({ ended }) => ended)]);
  });
});

interface Answer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly text: string;
}

/** Whole answers at the beginning of what came, without what differs from request to request. */
function answersIn(received: string): Answer[] {
  const answers: Answer[] = [];
  let rest = received;
  for (;;) {
    const blank = rest.indexOf('\r\n\r\n');
    if (blank < 0) return answers;
    const [first = '', ...lines] = rest.slice(0, blank).split('\r\n');
    const headers = Object.fromEntries(
      lines.map((line) => line.split(/: (.*)/s, 2) as [string, string]).map(([n, v]) => [n.toLowerCase(), v]),
    );
    const end = blank + 4 + Number(headers['content-length']);
    if (rest.length < end) return answers;
    // the framework ends the connection behind a body that it could not read
    const { date: _date, connection: _connection, 'keep-alive': _keepAlive, ...kept } = headers;
    // ids are drawn for each prediction, and receipts are signed with them
    const text = rest.slice(blank + 4, end).replace(/[0-9a-f-]{36}/g, (id) => '#'.repeat(id.length));
    const same = kept['content-encoding'] === 'gzip' ? '' : text.replace(/"receipt":"(?:[^"\\]|\\.)*"/, '"receipt":"…"');
    if (kept['content-encoding'] === 'gzip' || same !== text) delete kept['content-length'];
    answers.push({ status: Number(first.split(' ')[1]), headers: kept, text: same });
    rest = rest.slice(end);
  }
}

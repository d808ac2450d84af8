import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:http2';
import { connect as connectTcp } from 'node:net';
import { gzipSync } from 'node:zlib';
import { eventually, temporaryFolder } from '@bascule/testing';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { binaryRequest, post } from './binary-call.js';
import { spawnGateway } from './gateway-process.js';
import { identityModel } from './identity-models.js';
import { ready, type ServingStack, servingStack } from './serving-stack.js';

const heap = { NODE_OPTIONS: '--max-old-space-size=384' };
const json = (count: number) => `{"inputs":[{"name":"x","shape":[1,${count}],"datatype":"FP32","data":[${'1,'.repeat(count - 1)}1]}]}`;

/** A field of bytes by its number, as protobuf writes it. */
function field(number: number, content: Uint8Array): Buffer {
  const head = [number * 8 + 2];
  let rest = content.length;
  for (; rest > 127; rest = Math.floor(rest / 128)) head.push((rest & 127) | 128);
  return Buffer.concat([Buffer.from([...head, rest]), content]);
}
/** A ModelInferRequest with one input. */
const inputOf = (rest: Uint8Array) =>
  Buffer.concat([
    field(1, Buffer.from('wide')),
    field(5, Buffer.concat([field(1, Buffer.from('x')), field(2, Buffer.from('FP32')), rest])),
  ]);
/** The same, whose contents are one packed field. */
const weighty = (number: number, packed: Uint8Array) => inputOf(field(5, field(number, packed)));

async function callGrpc(url: string, token: string, type: string, message: Uint8Array, isPacked: boolean) {
  // else the client's own bound on what it keeps in memory ends the call
  const session = connect(url, { maxSessionMemory: 100 });
  const headers = { ':method': 'POST', ':path': '/inference.GRPCInferenceService/ModelInfer', 'content-type': type, te: 'trailers' };
  const coding = isPacked ? { 'grpc-encoding': 'gzip' } : {};
  const stream = session.request({ ...headers, ...coding, authorization: `Bearer ${token}` });
  const seen: Record<string, unknown> = {};
  stream.on('response', (head) => Object.assign(seen, head)).on('trailers', (trailers) => Object.assign(seen, trailers));
  const content = isPacked ? gzipSync(message) : message;
  const prefix = Buffer.alloc(5);
  prefix.writeUInt8(isPacked ? 1 : 0, 0);
  prefix.writeUInt32BE(content.length, 1);
  stream.resume().end(Buffer.concat([prefix, content]));
  await once(stream, 'close');
  session.destroy();
  return { code: String(seen['error-code']), message: decodeURIComponent(String(seen['grpc-message'])) };
}

describe('a gateway with the heap that the launcher gives it', () => {
  let stack: ServingStack;
  let gateway: Awaited<ReturnType<typeof spawnGateway>>;
  let token: string;
  let url: string;

  beforeAll(async () => {
    stack = await servingStack();
    token = await stack.key(['client']);
    const { model, signature } = identityModel([{ input: 'x', output: 'y', datatype: 'FP32', shape: [-1, -1] }]);
    await stack.route('wide', 1, [await stack.version(1, model, signature, { percent: 100, role: 'champion' })]);
    gateway = await spawnGateway(stack, temporaryFolder('spill'), heap);
    await ready(gateway);
    url = `${gateway.url}/v2/models/wide/infer`;
  });
  afterAll(async () => {
    await gateway?.kill();
    await stack?.stop();
  });

  const type = { 'content-type': 'application/json' };
  const raw = (count: number) => {
    const tensor = { name: 'x', datatype: 'FP32', shape: [1, count], bytes: Buffer.alloc(count * 4, 1) };
    return binaryRequest({ parameters: { binary_data_output: false } }, [tensor]);
  };
  it.each([
    ['JSON of 12 MB', () => ({ body: json(6_000_000), headers: type }), 413, 'serving.json_body_too_large'],
    ['JSON of 15 MB', () => ({ body: json(7_500_000), headers: type }), 413, 'serving.json_body_too_large'],
    [
      'JSON that is as large unpacked',
      () => ({ body: gzipSync(json(6_000_000)), headers: { ...type, 'content-encoding': 'gzip' } }),
      413,
      'serving.json_body_too_large',
    ],
    ['JSON whose answer is too long', () => ({ body: json(1_900_000), headers: type }), 400, 'serving.answer_too_large'],
    ['15.6 MB raw, answered as JSON', () => raw(3_900_000), 400, 'serving.answer_too_large'],
  ])('refuses %s and lives', async (_, made, status, code) => {
    const { body, headers } = made();
    const answers = await Promise.all([1, 2, 3].map(() => post(url, token, body, headers)));
    for (const answer of answers) assert.deepEqual([answer.status, answer.body.code], [status, code]);
    assert.equal((await post(url, token, json(2), type)).status, 200);
  });

  it('answers before such a body has come, reads it to its end, and goes on with what follows', async () => {
    const socket = connectTcp(Number(new URL(url).port), '127.0.0.1');
    let text = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    const head = (bytes: number) =>
      `POST ${new URL(url).pathname} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\ncontent-type: application/json\r\ncontent-length: ${bytes}\r\n\r\n`;
    const body = json(6_000_000);
    socket.write(head(body.length) + body.slice(0, 1_000_000));
    await eventually(() => assert.match(text, /^HTTP\/1.1 413 .*json_body_too_large/s));
    socket.write(body.slice(1_000_000));
    socket.write(head(json(2).length) + json(2));
    await eventually(() => assert.match(text, /HTTP\/1.1 200 /));
    socket.destroy();
  });

  const plain = 'application/grpc';
  it.each([
    ['millions of integers of one byte each', plain, weighty(3, Buffer.alloc(15_900_000, 1)), /input "x": int64_contents has more/],
    ['the same, packed', plain, weighty(3, Buffer.alloc(15_900_000, 1)), /input "x": int64_contents has more/, true],
    ['millions of truth values', plain, weighty(1, Buffer.alloc(15_900_000, 1)), /input "x": bool_contents has more/],
    ['millions of empty texts', plain, inputOf(field(5, Buffer.alloc(15_900_000, Buffer.from([0x42, 0])))), /input "x": bytes_contents/],
    ['millions of empty inputs', plain, Buffer.alloc(15_900_000, Buffer.from([0x2a, 0])), /too many parts/],
    ['a long message of JSON', 'application/grpc+json', Buffer.from(json(6_000_000)), /The JSON has 12\d{6} bytes/],
    ['the same, packed', 'application/grpc+json', Buffer.from(json(6_000_000)), /The JSON has 12\d{6} bytes/, true],
  ])('refuses %s over gRPC (%s) and lives', async (_, type, message, reason, isPacked = false) => {
    const answers = await Promise.all([1, 2, 3].map(() => callGrpc(gateway.grpcUrl, token, type, message, isPacked)));
    for (const answer of answers) {
      assert.match(answer.message, reason);
      assert.match(answer.code, /serving\.(tensor_limit_exceeded|json_body_too_large)/);
    }
    assert.equal((await post(url, token, json(2), { 'content-type': 'application/json' })).status, 200);
  });

  it('takes as many typed values over gRPC as it may, many at once, and no notice of fields it does not know', async () => {
    const floats = weighty(6, Buffer.alloc(15_900_000, 0));
    const wide = weighty(3, Buffer.alloc(1_000_000, 1));
    const unknown = Buffer.concat([inputOf(field(5, field(6, Buffer.alloc(4)))), Buffer.alloc(8_000_000, Buffer.from([0x78, 1]))]);
    const messages = [floats, wide, unknown, floats, wide, unknown, floats];
    const answers = await Promise.all(messages.map((message) => callGrpc(gateway.grpcUrl, token, plain, message, false)));
    // no model takes them so, which shows that they were read
    for (const { message, code } of answers) assert.match(`${code} ${message}`, /serving\.invalid_inference/);
    assert.equal((await post(url, token, json(2), { 'content-type': 'application/json' })).status, 200);
  });

  it('answers as many elements as it may, many at once', async () => {
    const answers = await Promise.all([1, 2, 3, 4].map(() => post(url, token, json(1_000_000), type)));
    for (const answer of answers) assert.equal(answer.body.outputs?.[0].data.length, 1_000_000, answer.body.error);
  });
});

import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { temporaryFolder } from '@bascule/testing';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { binaryRequest, post } from './binary-call.js';
import { spawnGateway } from './gateway-process.js';
import { identityModel } from './identity-models.js';
import { ready, type ServingStack, servingStack } from './serving-stack.js';

const heap = { NODE_OPTIONS: '--max-old-space-size=384' };
const json = (count: number) => `{"inputs":[{"name":"x","shape":[1,${count}],"datatype":"FP32","data":[${'1,'.repeat(count - 1)}1]}]}`;

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

  it('answers as many elements as it may, many at once', async () => {
    const answers = await Promise.all([1, 2, 3, 4].map(() => post(url, token, json(1_000_000), type)));
    for (const answer of answers) assert.equal(answer.body.outputs?.[0].data.length, 1_000_000, answer.body.error);
  });
});

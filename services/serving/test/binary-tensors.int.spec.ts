import assert from 'node:assert/strict';
import { deflateSync, gzipSync } from 'node:zlib';
import type { ModelSignature } from '@bascule/contracts';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { binaryRequest, post, type RawTensor } from './binary-call.js';
import { identityModel } from './identity-models.js';
import { scaleModel } from './onnx-models.js';
import { call, type Running, ready, type ServingStack, servingStack } from './serving-stack.js';

const bodyMaxBytes = 200_000;
const columns = 20_000;
const floats = (...values: number[]) => Buffer.from(Float32Array.from(values).buffer);
const raw = (name: string, bytes: Buffer, shape = [bytes.length / 4]): RawTensor => ({ name, datatype: 'FP32', shape, bytes });
const json = (name: string, ...data: number[]) => ({ name, datatype: 'FP32', shape: [data.length], data });

describe('the binary tensor extension over HTTP', () => {
  let stack: ServingStack;
  let gateway: Running;
  let token: string;
  let url: string;

  beforeAll(async () => {
    stack = await servingStack();
    token = await stack.key(['client']);
    const { model, signature } = identityModel([
      { input: 'a', output: 'ya', datatype: 'FP32', shape: [-1] },
      { input: 'b', output: 'yb', datatype: 'FP32', shape: [-1] },
    ]);
    await stack.route('pair', 1, [await stack.version(1, model, signature, { percent: 100, role: 'champion' })]);
    const wide: ModelSignature = {
      inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, columns], kind: 'numeric' }],
      outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, columns] }],
    };
    await stack.route('wide', 1, [await stack.version(1, scaleModel(2, columns), wide, { percent: 100, role: 'champion' })]);
    gateway = await stack.start({ BODY_MAX_BYTES: String(bodyMaxBytes), INLINE_MODELS: 'off' });
    await ready(gateway);
    url = `${gateway.url}/v2/models/pair/infer`;
  });
  afterAll(() => stack?.stop());

  it('is named in the metadata of the server', async () => {
    const { body } = await call(`${gateway.url}/v2`, token);
    assert.ok(body.extensions.includes('binary_tensor_data'));
  });

  it('takes raw inputs in their order and beside JSON, and answers JSON unless asked', async () => {
    const { body, headers } = binaryRequest({ inputs: [json('b', 3, 4)] }, [raw('a', floats(1, 2))]);
    const answer = await post(url, token, body, headers);
    assert.equal(answer.status, 200, answer.body.error);
    assert.equal(answer.headers.get('inference-header-content-length'), null);
    assert.deepEqual(
      answer.body.outputs.map(({ name, data }: { name: string; data: number[] }) => [name, data]),
      [
        ['ya', [1, 2]],
        ['yb', [3, 4]],
      ],
    );
  });

  it('keeps large tensors of many clients apart', async () => {
    const ask = async (value: number) => {
      const numbers = Float32Array.from({ length: columns }, (_, index) => value + index);
      const { body, headers } = binaryRequest({ parameters: { binary_data_output: true } }, [
        raw('x', Buffer.from(numbers.buffer), [1, columns]),
      ]);
      const answer = await post(`${gateway.url}/v2/models/wide/infer`, token, body, headers);
      assert.equal(answer.status, 200, answer.body.error);
      assert.deepEqual(answer.raw['y'], Buffer.from(numbers.map((number) => number * 2).buffer));
    };
    for (let turn = 0; turn < 4; turn++) await Promise.all(Array.from({ length: 12 }, (_, index) => ask(1_000 * turn + index)));
  });

  it('answers the outputs asked for raw, wherever their bytes begin', async () => {
    for (let padding = 0; padding < 4; padding++) {
      const { body, headers } = binaryRequest(
        { id: 'i'.repeat(padding + 1), outputs: [{ name: 'yb', parameters: { binary_data: true } }, { name: 'ya' }] },
        [raw('a', floats(1, 2)), raw('b', floats(3.5, Number.NaN))],
      );
      const answer = await post(url, token, body, headers);
      assert.equal(answer.headers.get('content-type'), 'application/octet-stream');
      assert.deepEqual(answer.raw['yb'], floats(3.5, Number.NaN));
      assert.equal(answer.raw['ya'], undefined);
      assert.deepEqual(answer.body.outputs[0].data, [1, 2]);
      assert.deepEqual(answer.body.outputs[1].parameters, { binary_data_size: 8 });
      assert.equal(answer.body.outputs[1].data, undefined);
      assert.equal(answer.body.id, 'i'.repeat(padding + 1));
    }
  });

  it('answers every output raw on binary_data_output, but for those that say no', async () => {
    const request = {
      parameters: { binary_data_output: true },
      inputs: [json('a', 1), json('b', 2)],
      outputs: [{ name: 'ya' }, { name: 'yb', parameters: { binary_data: false } }],
    };
    const answer = await post(url, token, JSON.stringify(request), { 'content-type': 'application/json' });
    assert.deepEqual(answer.raw, { ya: floats(1) });
    assert.deepEqual(answer.body.outputs[1].data, [2]);
  });

  it('takes empty tensors', async () => {
    const { body, headers } = binaryRequest({ parameters: { binary_data_output: true } }, [raw('a', floats()), raw('b', floats())]);
    const answer = await post(url, token, body, headers);
    assert.equal(answer.status, 200, answer.body.error);
    assert.deepEqual(answer.raw, { ya: Buffer.alloc(0), yb: Buffer.alloc(0) });
    assert.deepEqual(answer.body.outputs[0].shape, [0]);
  });

  const good = binaryRequest({}, [raw('a', floats(1, 2)), raw('b', floats(3, 4))]);
  const headerOf = (length: string) => ({ ...good.headers, 'inference-header-content-length': length });
  const wrong = (change: object) => {
    const header = Buffer.from(JSON.stringify({ inputs: [{ ...json('a', 1), ...change }, json('b', 1)] }));
    return { body: Buffer.concat([header, floats(1)]), headers: headerOf(String(header.length)) };
  };
  it.each([
    ['a body that ends too early', { ...good, body: good.body.subarray(0, -3) }, /input "b": binary_data_size is 8, the body has 5/],
    ['bytes that belong to no input', { ...good, body: Buffer.concat([good.body, floats(1)]) }, /4 bytes are left behind input "b"/],
    [
      'a size that does not fit the shape',
      binaryRequest({}, [raw('a', floats(1, 2), [3]), raw('b', floats(1))]),
      /input "a": 8 raw bytes, 3 elements of FP32 need 12/,
    ],
    ['a size that is no number', wrong({ data: undefined, parameters: { binary_data_size: '4' } }), /input "a": binary_data_size must be/],
    ['a negative size', wrong({ data: undefined, parameters: { binary_data_size: -4 } }), /input "a": binary_data_size must be/],
    ['a huge size', wrong({ data: undefined, parameters: { binary_data_size: 2 ** 40 } }), /input "a": binary_data_size is/],
    ['data beside a size', wrong({ parameters: { binary_data_size: 4 } }), /input "a": data must be left out/],
    ['neither data nor a size', wrong({ data: undefined }), /input "a": data must be a list/],
    [
      'a size without the header',
      {
        body: Buffer.from(JSON.stringify({ inputs: [{ name: 'a', datatype: 'FP32', shape: [1], parameters: { binary_data_size: 4 } }] })),
        headers: { 'content-type': 'application/json' },
      },
      /input "a": binary_data_size needs the header/,
    ],
    ['a header beyond the body', { ...good, headers: headerOf('999999') }, /Inference-Header-Content-Length is 999999/],
    ['a header that is no number', { ...good, headers: headerOf('12abc') }, /Inference-Header-Content-Length must be/],
    ['a header of no length', { ...good, headers: headerOf('0') }, /Inference-Header-Content-Length must be/],
    [
      'a flag for raw output that is none',
      {
        body: Buffer.from(
          JSON.stringify({ inputs: [json('a', 1), json('b', 1)], outputs: [{ name: 'ya', parameters: { binary_data: 1 } }] }),
        ),
        headers: { 'content-type': 'application/json' },
      },
      /output "ya": binary_data must be true or false/,
    ],
  ])('answers 400 to %s, with a reason that names the input', async (_case, { body, headers }, reason) => {
    const answer = await post(url, token, body, headers);
    assert.equal(answer.status, 400);
    assert.match(answer.body.error, reason);
  });

  it('answers 400 to a header that cuts the JSON', async () => {
    const answer = await post(url, token, good.body, headerOf('20'));
    assert.deepEqual([answer.status, answer.body.code], [400, 'platform.malformed_json']);
  });

  describe('packed bodies', () => {
    const request = JSON.stringify({ inputs: [json('a', 1), json('b', 2)] });
    const type = { 'content-type': 'application/json' };

    it.each([
      ['gzip', gzipSync(request)],
      ['deflate', deflateSync(request)],
      ['GZIP', gzipSync(request)],
      ['identity', Buffer.from(request)],
    ])('are read when they are packed with %s', async (coding, body) => {
      const answer = await post(url, token, body, { ...type, 'content-encoding': coding });
      assert.equal(answer.status, 200, answer.body.error);
      assert.deepEqual(answer.body.outputs[1].data, [2]);
    });

    it('hold raw tensors too', async () => {
      const answer = await post(url, token, gzipSync(good.body), { ...good.headers, 'content-encoding': 'gzip' });
      assert.deepEqual(answer.body.outputs[1].data, [3, 4]);
    });

    it.each([
      ['something else', Buffer.from(request), 'gzip', 400, 'platform.malformed_request'],
      ['half of it', gzipSync(request).subarray(0, 30), 'gzip', 400, 'platform.malformed_request'],
      ['an unknown coding', Buffer.from(request), 'br, gzip', 415, 'platform.unsupported_media_type'],
      ['more than a body may have', gzipSync(Buffer.alloc(100_000_000)), 'gzip', 413, 'platform.body_too_large'],
    ])('are refused with %s', async (_case, body, coding, status, code) => {
      const answer = await post(url, token, body, { ...type, 'content-encoding': coding });
      assert.deepEqual([answer.status, answer.body.code], [status, code]);
    });

    it('answer a hundred bombs at once while others are served on', async () => {
      const bomb = gzipSync(Buffer.alloc(100_000_000));
      const bombs = Array.from({ length: 100 }, () => post(url, token, bomb, { ...type, 'content-encoding': 'gzip' }));
      assert.equal((await post(url, token, request, type)).status, 200);
      assert.deepEqual(new Set((await Promise.all(bombs)).map(({ status }) => status)), new Set([413]));
    });

    const large = JSON.stringify({ inputs: [json('a', ...new Array(20_000).fill(0.5)), json('b', ...new Array(20_000).fill(0.5))] });
    it('are answered to clients that take them, above a size', async () => {
      const accept = { ...type, 'accept-encoding': 'br, gzip;q=0.8' };
      const answer = await post(url, token, large, accept);
      // fetch unpacks, and says how it came
      assert.equal(answer.headers.get('content-encoding'), 'gzip');
      assert.equal(answer.headers.get('vary'), 'accept-encoding');
      assert.equal(answer.body.outputs[0].data.length, 20_000);
      assert.equal((await post(url, token, request, accept)).headers.get('content-encoding'), null);
      assert.equal(
        (await post(url, token, large, { ...type, 'accept-encoding': 'identity, gzip;q=0' })).headers.get('content-encoding'),
        null,
      );
    });

    it('are answered with raw tensors too, whose header tells the length when unpacked', async () => {
      const body = large.replace('{', '{"parameters":{"binary_data_output":true},');
      const answer = await post(url, token, body, { ...type, 'accept-encoding': 'gzip' });
      assert.equal(answer.headers.get('content-encoding'), 'gzip');
      assert.equal(answer.raw['yb']?.length, 80_000);
    });
  });
});

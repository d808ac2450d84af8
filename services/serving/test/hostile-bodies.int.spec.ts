import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { absent, referencePath } from '@bascule/testing/reference-data';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { binaryRequest, post } from './binary-call.js';
import { identityModel } from './identity-models.js';
import { numbers } from './random-tensors.js';
import { type Running, ready, type ServingStack, servingStack } from './serving-stack.js';

const missing = absent('data/dirty/JSONTestSuite');
const suite = referencePath('data/dirty/JSONTestSuite');
const files = missing ? [] : readdirSync(suite).filter((file) => file.endsWith('.json'));
const limitExceeded = 'serving.tensor_limit_exceeded';
const invalid = 'serving.invalid_inference';

/** The bytes with one thing done to them at a random place. */
function mutated(bytes: Buffer, next: () => number): Buffer {
  const at = Math.floor(next() * bytes.length);
  const to = at + Math.floor(next() * 12);
  const [before, part, after] = [bytes.subarray(0, at), bytes.subarray(at, to), bytes.subarray(to)];
  switch (Math.floor(next() * 5)) {
    case 0:
      return before;
    case 1:
      return Buffer.concat([before, after]);
    case 2:
      return Buffer.concat([before, part, part, after]);
    case 3:
      return Buffer.concat([before, Buffer.from(part).reverse(), after]);
    default:
      return Buffer.concat([before, Buffer.of(Math.floor(next() * 256)), bytes.subarray(at + 1)]);
  }
}

describe('hostile bodies', () => {
  let stack: ServingStack;
  let gateway: Running;
  let token: string;
  let url: string;

  beforeAll(async () => {
    stack = await servingStack();
    token = await stack.key(['client']);
    const { model, signature } = identityModel([
      { input: 'x', output: 'y', datatype: 'FP64', shape: [-1] },
      { input: 'n', output: 'm', datatype: 'INT64', shape: [-1] },
    ]);
    await stack.route('pair', 1, [await stack.version(1, model, signature, { percent: 100, role: 'champion' })]);
    const wide = identityModel([{ input: 'x', output: 'y', datatype: 'FP64', shape: [-1, -1] }]);
    await stack.route('wide', 1, [await stack.version(1, wide.model, wide.signature, { percent: 100, role: 'champion' })]);
    gateway = await stack.start({ BODY_MAX_BYTES: '1000000' });
    await ready(gateway);
    url = `${gateway.url}/v2/models/pair/infer`;
  });
  afterAll(() => stack?.stop());

  const type = { 'content-type': 'application/json' };
  const send = (body: Buffer | string) => post(url, token, body, type);
  const x = (value: string, name = '"x"', shape = '[1]', datatype = 'FP64') =>
    `{"name":${name},"shape":${shape},"datatype":"${datatype}","data":[${value}]}`;
  const n = '{"name":"n","shape":[1],"datatype":"INT64","data":[1]}';
  const request = (...inputs: string[]) => `{"inputs":[${inputs.join()}]}`;
  const stillServes = async () => assert.equal((await send(request(x('1'), n))).status, 200);

  describe.skipIf(missing)(`of the JSON test suite${missing}`, () => {
    it.each(files)('%s is answered or refused, as body, as data and as parameter', async (file) => {
      const json = readFileSync(join(suite, file));
      const text = json.toString('latin1');
      const asData = Buffer.from(`{"inputs":[{"name":"x","shape":[1],"datatype":"FP64","data":${text}},${n}]}`, 'latin1');
      const asParameter = Buffer.from(`{"parameters":{"p":${text}},"inputs":[${x('1')},${n}]}`, 'latin1');
      for (const body of [json, asData, asParameter]) {
        const answer = await send(body);
        assert.ok(answer.status === 200 || (answer.status >= 400 && answer.status < 500), `status ${answer.status}`);
        if (answer.status !== 200) assert.equal(typeof answer.body.error, 'string');
      }
      await stillServes();
    });
  });

  const deep = (depth: number) => `${'['.repeat(depth)}1${']'.repeat(depth)}`;
  it.each([
    ['lists nested a hundred thousand deep', `{"inputs":${deep(100_000)}}`, 'platform.json_too_deep', /limit 32/],
    ['objects nested a hundred thousand deep', '{"a":'.repeat(100_000), 'platform.json_too_deep', /limit 32/],
    ['data nested deeper than its shape', request(x(deep(10)), n), invalid, /input "x": element 0 is a list|input "x": nested data/],
    [
      'more axes than there may be',
      request(x('1', '"x"', JSON.stringify(new Array(17).fill(1))), n),
      limitExceeded,
      /input "x": shape has more than 16 axes/,
    ],
    [
      'a product of lengths beyond everything',
      request(x('1', '"x"', '[64000000,64000000,64000000,64000000]'), n),
      limitExceeded,
      /input "x": shape \[64000000/,
    ],
    [
      'an axis beyond the limit beside an empty one',
      request(x('', '"x"', '[9007199254740991,0]'), n),
      limitExceeded,
      /input "x": shape has an axis of 9007199254740991/,
    ],
    [
      'an axis that no double holds',
      request(x('1', '"x"', '[99999999999999999999]'), n),
      limitExceeded,
      /input "x": shape has an axis of 99999999999999999999/,
    ],
    ['an axis of half an element', request(x('1', '"x"', '[0.5]'), n), invalid, /input "x": shape must be/],
    ['an axis that is text', request(x('1', '"x"', '["1"]'), n), invalid, /input "x": shape must be/],
    ['an endless axis', request(x('1', '"x"', '[1e999]'), n), invalid, /input "x": shape must be/],
    ['more tensors than there may be', request(...new Array(4_097).fill(n)), limitExceeded, /inputs has 4097 tensors/],
    [
      'more outputs than there may be',
      `{"inputs":[${x('1')},${n}],"outputs":[${new Array(4_097).fill('{"name":"y"}').join()}]}`,
      limitExceeded,
      /outputs has 4097 tensors/,
    ],
    [
      'more parameters than there may be',
      `{"parameters":{${Array.from({ length: 257 }, (_, index) => `"p${index}":1`).join()}},"inputs":[${x('1')},${n}]}`,
      limitExceeded,
      /parameters has 257/,
    ],
    [
      'a name of half a megabyte',
      request(x('1', JSON.stringify('x'.repeat(500_000))), n),
      limitExceeded,
      /inputs\[0\] has a name of 500000 characters/,
    ],
    ['a long name that is cut where it is told', request(x('1', JSON.stringify('z'.repeat(900))), n), invalid, /^.{0,200}$/],
    [
      'an output with a name of half a megabyte',
      `{"inputs":[${x('1')},${n}],"outputs":[{"name":"${'y'.repeat(500_000)}"}]}`,
      limitExceeded,
      /outputs\[0\] has a name/,
    ],
    ['an input given twice', request(x('1'), n, x('2')), invalid, /input "x" is given twice/],
    [
      'an output asked for twice',
      `{"inputs":[${x('1')},${n}],"outputs":[{"name":"y"},{"name":"y"}]}`,
      invalid,
      /output "y" is asked for twice/,
    ],
    ['an input called __proto__', request(x('1', '"__proto__"'), n), invalid, /input "x" is missing/],
    ['inputs under __proto__', `{"__proto__":{"inputs":[${x('1')},${n}]}}`, invalid, /inputs must be a list/],
    [
      'a data list that is an object',
      request('{"name":"x","shape":[1],"datatype":"FP64","data":{"0":1,"length":1}}', n),
      invalid,
      /input "x": data must be a list/,
    ],
    ['a name that is a lone surrogate', request(x('1', '"\\ud800"'), n), invalid, /input "x" is missing/],
    [
      'an integer beyond 64 bits',
      request(x('1'), n.replace('[1]}', '[9223372036854775808]}')),
      invalid,
      /input "n": element 0 is 9223372036854775808/,
    ],
    ['an integer of a thousand digits', request(x('1'), n.replace('[1]}', `[${'9'.repeat(1000)}]}`)), invalid, /input "n": element 0 is/],
    ['an integer with a fraction', request(x('1'), n.replace('[1]}', '[15e-1]}')), invalid, /input "n": element 0 is 1/],
    ['an integer beyond its range', request(x('1'), n.replace('[1]}', '[1e19]}')), invalid, /input "n": element 0 is 1/],
    ['a parameter that is a list', `{"parameters":{"p":[1]},"inputs":[${x('1')},${n}]}`, invalid, /parameters\."p"/],
    [
      'parameters of an input that are none',
      request(x('1').replace('{', '{"parameters":[],'), n),
      invalid,
      /input "x": parameters must be an object/,
    ],
    ['a body that is a list', `[${x('1')}]`, invalid, /the body must be a JSON object/],
    ['a body that is nothing', 'null', invalid, /the body must be a JSON object/],
    ['an input that is nothing', '{"inputs":[null]}', invalid, /inputs\[0\] needs a name/],
    ['an output that is nothing', `{"inputs":[${x('1')},${n}],"outputs":[null]}`, invalid, /outputs\[0\] needs a name/],
    [
      'bytes that are not UTF-8',
      Buffer.concat([Buffer.from('{"id":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')]),
      'platform.malformed_json',
      /not UTF-8/,
    ],
    ['a body in UTF-16', Buffer.from(`\ufeff${request(x('1'), n)}`, 'utf16le'), 'platform.malformed_json', /not UTF-8/],
    ['an empty list of inputs', '{"inputs":[]}', invalid, /inputs must be a list with at least one/],
  ])('with %s are refused with a code and a reason that names it', async (_case, body, code, reason) => {
    const answer = await send(body);
    assert.equal(answer.body.code, code, answer.body.error);
    assert.equal(answer.status, 400);
    assert.match(answer.body.error, reason);
    assert.ok(JSON.stringify(answer.body).length < 2_000);
    await stillServes();
  });

  it.each([
    ['a key given twice: the last one counts', `{"inputs":[],"inputs":[${x('1')},${n}]}`, [1]],
    ['a number too large for a double', request(x('1e999'), n), [Infinity]],
    ['an integer of forty digits for a float', request(x('1'.repeat(40)), n), [Number('1'.repeat(40))]],
    ['a name in escapes', request(x('5', '"\\u0078"'), n), [5]],
    ['a parameter called __proto__', `{"parameters":{"__proto__":"p"},"inputs":[${x('7')},${n}]}`, [7]],
    ['a parameter that no double holds', `{"parameters":{"p":12345678901234567890},"inputs":[${x('8')},${n}]}`, [8]],
    ['members that nobody knows', `{"more":{"deep":[[[]]]},"inputs":[${x('9')},${n}]}`, [9]],
  ])('with %s are answered', async (_case, body, expected) => {
    const answer = await send(body);
    assert.equal(answer.status, 200, answer.body.error);
    assert.deepEqual(answer.body.outputs[0].data, expected);
  });

  it('that are cut, repeated, swapped and flipped anywhere are answered or refused, raw tensors too', async () => {
    const raw = binaryRequest({ inputs: [JSON.parse(n)], outputs: [{ name: 'y', parameters: { binary_data: true } }] }, [
      { name: 'x', datatype: 'FP64', shape: [1], bytes: Buffer.from(Float64Array.of(1.5).buffer) },
    ]);
    const sound = [
      { body: Buffer.from(request(x('1'), n)), headers: type },
      { body: raw.body, headers: raw.headers },
      { body: gzipSync(request(x('1'), n)), headers: { ...type, 'content-encoding': 'gzip' } },
    ];
    const next = numbers(7);
    for (let round = 0; round < 600; round++) {
      const { body, headers } = sound[round % sound.length] as { body: Buffer; headers: Record<string, string> };
      const broken = mutated(body, next);
      const answer = await fetch(url, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, ...headers },
        body: new Uint8Array(broken),
      });
      await answer.arrayBuffer();
      assert.ok(answer.status < 500, `${answer.status} for ${JSON.stringify(broken.toString('latin1'))}`);
    }
    await stillServes();
  });

  it.each([64_000_000, 65_537])('with %i rows that hold nothing are refused before anything is made of them', async (rows) => {
    const answer = await post(`${gateway.url}/v2/models/wide/infer`, token, request(x('', '"x"', `[${rows},0]`)), type);
    assert.deepEqual([answer.status, answer.body.code], [400, limitExceeded]);
    assert.match(answer.body.error, new RegExp(`input "x" has ${rows} rows, at most 65536`));
  });

  it('larger than allowed are refused before they are read', async () => {
    const answer = await send(Buffer.alloc(1_000_001, ' '));
    assert.deepEqual([answer.status, answer.body.code], [413, 'platform.body_too_large']);
    assert.equal(typeof answer.body.error, 'string');
    await stillServes();
  });

  it('of somebody without a key are not read at all', async () => {
    const { hostname, port } = new URL(gateway.url);
    const status = await new Promise<string>((resolve, reject) => {
      const socket = connect(Number(port), hostname);
      socket.once('error', reject);
      // the head of a request whose body never comes
      socket.write(`POST /v2/models/pair/infer HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 900000\r\n\r\n{`);
      socket.once('data', (answer) => {
        socket.destroy();
        resolve(answer.toString('latin1').split('\r\n')[0] as string);
      });
    });
    assert.match(status, / 401 /);
  });

  it.each(['/v2/nothing', '/v2/models/pair/versions/1/nothing', '/v2/models/%zz/infer', '/v2/models/a%00b/ready', '/v2/models/pair/infer'])(
    'and addresses like %s get the error of the protocol and of the problem details in one',
    async (path) => {
      const response = await fetch(`${gateway.url}${path}`, { headers: { authorization: `Bearer ${token}` } });
      const body = (await response.json()) as Record<string, unknown>;
      assert.ok(response.status >= 400 && response.status < 500, `${response.status}`);
      assert.equal(body['error'], body['detail']);
      assert.equal(typeof body['code'], 'string');
      assert.ok(response.headers.get('x-request-id'));
    },
  );

  it.each([
    ['an id of its own', { 'x-request-id': 'order/4711:a=b' }, /^order\/4711:a=b$/],
    ['an id that no URN could hold', { 'x-request-id': 'a b"<>' }, /^[0-9a-f-]{36}$/],
    ['no id', {}, /^[0-9a-f-]{36}$/],
  ])('with %s are answered with the id the request goes by', async (_case, headers, expected) => {
    for (const [body, status] of [
      [request(x('1'), n), 200],
      ['{', 400],
    ] as const) {
      const answer = await post(url, token, body, { ...type, ...headers });
      assert.equal(answer.status, status);
      assert.match(answer.headers.get('x-request-id') as string, expected);
    }
  });
});

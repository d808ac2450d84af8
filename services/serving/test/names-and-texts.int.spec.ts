import assert from 'node:assert/strict';
import { inference } from '@bascule/proto';
import { eventually } from '@bascule/testing';
import { readReference } from '@bascule/testing/reference-data';
import { type Client, createClient } from '@connectrpc/connect';
import { createGrpcTransport } from '@connectrpc/connect-node';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { binaryRequest, post } from './binary-call.js';
import { type Copied, identityModel } from './identity-models.js';
import { cellsOf, rawBytes } from './random-tensors.js';
import { call, captured, type Running, ready, type ServingStack, servingStack } from './serving-stack.js';

const published = readReference<string[]>('data/dirty/blns/blns.json', []);
const texts = [...new Set([...published, '', '\ufeffmark', '日本語', 'a\tb', '👩‍👩‍👧', 'constructor', '\ufffd'])];
/** Every text that ONNX lets a tensor be called. */
const names = [...new Set([...texts, '__proto__', 'two words', 'قيمة', 'x/y?z#%25'])].filter((name) => name !== '');
// the runtime collects outputs in a plain object
const outputNames = names.filter((name) => name !== '__proto__');

describe('texts and names of every kind', () => {
  let stack: ServingStack;
  let gateway: Running;
  let token: string;
  let client: Client<typeof inference.GRPCInferenceService>;
  const url = (model: string) => `${gateway.url}/v2/models/${model}/infer`;

  beforeAll(async () => {
    stack = await servingStack();
    token = await stack.key(['client']);
    const models: Record<string, Copied[]> = {
      texts: [{ input: 'x', output: 'y', datatype: 'BYTES', shape: [-1] }],
      inputs: names.map((input, index) => ({ input, output: `y${index}`, datatype: 'INT64', shape: [-1] })),
      outputs: outputNames.map((output, index) => ({ input: `x${index}`, output, datatype: 'INT64', shape: [-1] })),
    };
    for (const [name, copied] of Object.entries(models)) {
      const { model, signature } = identityModel(copied);
      await stack.route(name, 1, [await stack.version(1, model, signature, { percent: 100, role: 'champion' })]);
    }
    gateway = await stack.start();
    await ready(gateway);
    client = createClient(inference.GRPCInferenceService, createGrpcTransport({ baseUrl: gateway.grpcUrl }));
  });
  afterAll(() => stack?.stop());

  const input = { name: 'x', datatype: 'BYTES', shape: [texts.length] };
  const raw = rawBytes({ datatype: 'BYTES', shape: input.shape, cells: texts });

  it('survive as values in JSON', async () => {
    const { status, body } = await call(url('texts'), token, { body: { inputs: [{ ...input, data: texts }] } });
    assert.equal(status, 200, body.error);
    assert.deepEqual(body.outputs[0].data, texts);
  });

  it('survive as values in raw bytes', async () => {
    const { body, headers } = binaryRequest({ parameters: { binary_data_output: true } }, [{ ...input, bytes: raw }]);
    const answer = await post(url('texts'), token, body, headers);
    assert.deepEqual(cellsOf('BYTES', answer.raw['y'] as Buffer), texts);
  });

  it('survive as values over gRPC, typed and raw', async () => {
    const options = { headers: { authorization: `Bearer ${token}` } };
    const tensor = { ...input, shape: [BigInt(texts.length)] };
    const typed = await client.modelInfer(
      { modelName: 'texts', inputs: [{ ...tensor, contents: { bytesContents: texts.map((text) => Buffer.from(text)) } }] },
      options,
    );
    assert.deepEqual(
      typed.outputs[0]?.contents?.bytesContents.map((bytes) => Buffer.from(bytes).toString()),
      texts,
    );
    const answer = await client.modelInfer({ modelName: 'texts', inputs: [tensor], rawInputContents: [raw] }, options);
    assert.deepEqual(cellsOf('BYTES', answer.rawOutputContents[0] as Uint8Array), texts);
  });

  it('are captured as they came', async () => {
    const { body } = await call(url('texts'), token, { body: { inputs: [{ ...input, data: texts }] } });
    const ids = (body.parameters.prediction_id as string).split(',');
    const rows = await eventually(async () => {
      const found = (await captured(stack)).flatMap(({ predictions }) => predictions);
      const mine = found.filter(({ predictionId }) => ids.includes(predictionId));
      return mine.length === ids.length && mine;
    });
    const values = new Map((rows || []).map(({ predictionId, inputs }) => [predictionId, inputs[0]?.kind.value]));
    assert.deepEqual(
      ids.map((id) => values.get(id)),
      texts,
    );
  });

  it('survive as names of inputs, in JSON and over gRPC', async () => {
    const inputs = names.map((name, index) => ({ name, datatype: 'INT64', shape: [1], data: [index] }));
    const { status, body } = await call(url('inputs'), token, { body: { inputs } });
    assert.equal(status, 200, body.error);
    assert.deepEqual(
      body.outputs.map(({ data }: { data: number[] }) => data[0]),
      names.map((_, index) => index),
    );
    const answer = await client.modelInfer(
      {
        modelName: 'inputs',
        inputs: names.map((name, index) => ({ name, datatype: 'INT64', shape: [1n], contents: { int64Contents: [BigInt(index)] } })),
      },
      { headers: { authorization: `Bearer ${token}` } },
    );
    assert.deepEqual(
      answer.outputs.map(({ contents }) => contents?.int64Contents[0]),
      names.map((_, index) => BigInt(index)),
    );
  });

  it('survive as names of outputs, in the metadata too', async () => {
    const inputs = outputNames.map((_, index) => ({ name: `x${index}`, datatype: 'INT64', shape: [1], data: [index] }));
    const { status, body } = await call(url('outputs'), token, { body: { inputs, outputs: outputNames.map((name) => ({ name })) } });
    assert.equal(status, 200, body.error);
    assert.deepEqual(
      body.outputs.map(({ name, data }: { name: string; data: number[] }) => [name, data[0]]),
      outputNames.map((name, index) => [name, index]),
    );
    const metadata = await call(`${gateway.url}/v2/models/outputs`, token);
    assert.deepEqual(
      metadata.body.outputs.map(({ name }: { name: string }) => name),
      outputNames,
    );
  });

  it('are client errors that name them where nothing has that name', async () => {
    for (const name of texts) {
      const asModel = await call(url(encodeURIComponent(name)), token, { body: {} });
      // fetch shortens /models/./infer to another address
      assert.ok([400, 404, 405].includes(asModel.status), `${JSON.stringify(name)}: ${asModel.status}`);
      assert.equal(typeof asModel.body.error, 'string', JSON.stringify(asModel.body));
      const asInput = await call(url('texts'), token, { body: { inputs: [{ ...input, name, data: texts }] } });
      assert.equal(asInput.status, 400);
      assert.match(asInput.body.error, /^input /);
      const asOutput = await call(url('texts'), token, { body: { inputs: [{ ...input, data: texts }], outputs: [{ name }] } });
      assert.equal(asOutput.status, 400);
      assert.match(asOutput.body.error, /^output /);
    }
  });

  it.each([
    ['a NUL character, where the runtime would end the text', 'a\0b', /input "x": element 1 holds a NUL character/],
    ['half of a surrogate pair, which UTF-8 has no form for', 'a\ud800', /input "x": element 1 holds half of a surrogate pair/],
  ])('are refused with %s', async (_case, text, reason) => {
    const { status, body } = await call(url('texts'), token, {
      body: { inputs: [{ name: 'x', datatype: 'BYTES', shape: [2], data: ['', text] }] },
    });
    assert.equal(status, 400);
    assert.match(body.error, reason);
  });

  it('are refused as raw bytes that are not UTF-8', async () => {
    const bytes = Buffer.concat([Buffer.from(Uint32Array.of(2).buffer), Buffer.from([0xc3, 0x28])]);
    const { body, headers } = binaryRequest({}, [{ name: 'x', datatype: 'BYTES', shape: [1], bytes }]);
    const answer = await post(url('texts'), token, body, headers);
    assert.equal(answer.status, 400);
    assert.match(answer.body.error, /input "x": element 0 is not UTF-8/);
  });
});

import assert from 'node:assert/strict';
import type { TensorDatatype } from '@bascule/contracts';
import { inference } from '@bascule/proto';
import { type Client, createClient } from '@connectrpc/connect';
import { createGrpcTransport } from '@connectrpc/connect-node';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { parseExactJson } from '../src/inference/tensor-json.js';
import { binaryRequest, post } from './binary-call.js';
import { identityModel } from './identity-models.js';
import {
  type Cell,
  carried,
  cellsOf,
  cellsOfContents,
  contentsOf,
  jsonCells,
  numbers,
  randomTensor,
  rawBytes,
  type Sample,
} from './random-tensors.js';
import { call, type Running, ready, type ServingStack, servingStack } from './serving-stack.js';

const rounds = 12;

function nested({ shape: [rows = 0, columns = 0] }: Sample, cells: readonly unknown[]): unknown[] {
  return Array.from({ length: rows }, (_, row) => cells.slice(row * columns, (row + 1) * columns));
}

describe('tensors of every datatype survive the round trip through a model', () => {
  let stack: ServingStack;
  let gateway: Running;
  let token: string;
  let client: Client<typeof inference.GRPCInferenceService>;

  beforeAll(async () => {
    stack = await servingStack();
    token = await stack.key(['client']);
    for (const datatype of carried) {
      const { model, signature } = identityModel([{ input: 'x', output: 'y', datatype, shape: [-1, -1] }]);
      await stack.route(datatype.toLowerCase(), 1, [await stack.version(1, model, signature, { percent: 100, role: 'champion' })]);
    }
    gateway = await stack.start();
    await ready(gateway);
    client = createClient(inference.GRPCInferenceService, createGrpcTransport({ baseUrl: gateway.grpcUrl }));
  });
  afterAll(() => stack?.stop());

  const urlOf = (datatype: TensorDatatype) => `${gateway.url}/v2/models/${datatype.toLowerCase()}/infer`;
  const samples = (datatype: TensorDatatype) => {
    const next = numbers(carried.indexOf(datatype) + 1);
    return Array.from({ length: rounds }, () => randomTensor(datatype, next));
  };
  const expectSame = (sample: Sample, shape: readonly unknown[], cells: readonly Cell[]) => {
    assert.deepEqual(shape.map(Number), sample.shape);
    assert.deepEqual(cells, sample.cells);
  };
  // JSON has one kind of number: what it says is read as the datatype means it
  const fromJson = (datatype: TensorDatatype, data: unknown[]): Cell[] =>
    data.map((cell) => (cell === null ? Number.NaN : datatype.endsWith('INT64') ? BigInt(cell as number) : (cell as Cell)));

  it.each(carried)('%s as JSON, flat and nested', async (datatype) => {
    for (const sample of samples(datatype)) {
      const cells = jsonCells(sample);
      for (const data of [cells, nested(sample, cells)]) {
        const text = JSON.stringify({ inputs: [{ name: 'x', datatype, shape: sample.shape, data }] });
        const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
        const response = await fetch(urlOf(datatype), { method: 'POST', headers, body: text });
        const answer = parseExactJson(await response.text()) as { outputs: { shape: number[]; data: unknown[] }[]; error?: string };
        assert.equal(response.status, 200, answer.error);
        expectSame(sample, answer.outputs[0]?.shape ?? [], fromJson(datatype, answer.outputs[0]?.data ?? []));
      }
    }
  });

  it.each(carried)('%s as raw bytes over HTTP', async (datatype) => {
    for (const sample of samples(datatype)) {
      const raw = { name: 'x', datatype, shape: sample.shape, bytes: rawBytes(sample) };
      const { body, headers } = binaryRequest({ parameters: { binary_data_output: true } }, [raw]);
      const answer = await post(urlOf(datatype), token, body, headers);
      assert.equal(answer.status, 200, answer.body.error);
      assert.equal(answer.headers.get('content-type'), 'application/octet-stream');
      expectSame(sample, answer.body.outputs[0].shape, cellsOf(datatype, answer.raw['y'] as Buffer));
    }
  });

  it.each(carried)('%s over gRPC, typed and raw', async (datatype) => {
    const options = { headers: { authorization: `Bearer ${token}` } };
    for (const sample of samples(datatype)) {
      const input = { name: 'x', datatype, shape: sample.shape.map(BigInt) };
      const modelName = datatype.toLowerCase();
      const raw = await client.modelInfer({ modelName, inputs: [input], rawInputContents: [rawBytes(sample)] }, options);
      expectSame(sample, raw.outputs[0]?.shape ?? [], cellsOf(datatype, raw.rawOutputContents[0] as Uint8Array));
      const contents = contentsOf(sample);
      if (!contents) continue;
      const typed = await client.modelInfer({ modelName, inputs: [{ ...input, contents }] }, options);
      expectSame(sample, typed.outputs[0]?.shape ?? [], cellsOfContents(datatype, typed.outputs[0]?.contents));
    }
  });

  it('BF16 is refused for a stated cause', async () => {
    const body = { inputs: [{ name: 'x', datatype: 'BF16', shape: [1, 1], data: [1] }] };
    const answer = await call(urlOf('FP32'), token, { body });
    assert.equal(answer.status, 400);
    assert.match(answer.body.error, /input "x": the runtime does not carry BF16/);
  });
});

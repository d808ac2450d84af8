import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { inference } from '@bascule/proto';
import { absent, readReference, referencePath } from '@bascule/testing/reference-data';
import { type Client, Code, ConnectError, createClient } from '@connectrpc/connect';
import { createGrpcTransport } from '@connectrpc/connect-node';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { call, type Running, ready, type ServingStack, servingStack } from './serving-stack.js';

const missing = absent('vectors/oip_http_cases.json', 'data/onnx');

interface Tensor {
  readonly name: string;
  readonly datatype: string;
  readonly shape: number[];
  readonly data?: unknown[];
}
interface Case {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly headers?: Record<string, string>;
  readonly body?: { readonly id?: string; readonly inputs: Tensor[]; readonly outputs?: { readonly name: string }[] };
  readonly expect: {
    readonly status: number;
    readonly status_in?: number[];
    readonly json_key?: string;
    readonly json_keys?: string[];
    readonly id?: string;
    readonly same_as?: string;
    readonly outputs?: Tensor[];
    readonly inputs?: Tensor[];
  };
}

const codes: Record<number, Code> = { 400: Code.InvalidArgument, 404: Code.NotFound };

describe.skipIf(missing)(`published cases of the protocol${missing}`, () => {
  let stack: ServingStack;
  let gateway: Running;
  let token: string;
  let client: Client<typeof inference.GRPCInferenceService>;
  const read = (path: string) => readFileSync(referencePath(path));
  const { cases } = readReference<{ cases: Case[] }>('vectors/oip_http_cases.json', { cases: [] });
  const named = cases.map((entry) => [entry.name, entry] as const);
  const outputsOf = ({ expect }: Case) => (expect.same_as ? cases.find(({ name }) => name === expect.same_as)?.expect : expect)?.outputs;

  beforeAll(async () => {
    stack = await servingStack();
    token = await stack.key(['client']);
    const tensor = (name: string) => ({ name, datatype: 'FP32' as const, shape: [3, 2] });
    const signature = { inputs: [tensor('X')], outputs: [tensor('Y')] };
    const version = await stack.version(1, read('data/onnx/real/ortrb_mul_1.onnx'), signature, { percent: 100, role: 'champion' });
    await stack.route('mul', 1, [version]);
    gateway = await stack.start();
    await ready(gateway);
    client = createClient(inference.GRPCInferenceService, createGrpcTransport({ baseUrl: gateway.grpcUrl }));
  });
  afterAll(() => stack?.stop());

  it.each(named)('over HTTP: %s', async (_name, entry) => {
    const { expect, method, path, body: sent } = entry;
    const headers = Object.fromEntries(Object.entries(entry.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]));
    const { status, body } = await call(`${gateway.url}${path.replace('{model}', 'mul')}`, token, {
      method,
      headers,
      ...(sent === undefined ? {} : { body: sent }),
    });
    assert.ok((expect.status_in ?? [expect.status]).includes(status), `status ${status}`);
    for (const name of [...(expect.json_keys ?? []), ...(expect.json_key ? [expect.json_key] : [])]) assert.ok(name in body, name);
    if (expect.id) assert.equal(body.id, expect.id);
    const outputs = outputsOf(entry);
    if (outputs) assert.deepEqual(body.outputs, outputs);
    if (expect.inputs) assert.deepEqual(body.inputs, expect.inputs);
  });

  /** The same case as a call over gRPC; its answer under the names of REST. */
  async function ask({ path, body }: Case): Promise<Record<string, unknown>> {
    const options = { headers: { authorization: `Bearer ${token}` } };
    const [, modelName = '', , version = ''] = /^\/v2\/models\/([^/]+)(\/versions\/([^/]+))?/.exec(path.replace('{model}', 'mul')) ?? [];
    const reference = { name: modelName, version };
    const tensors = (list: readonly { name: string; datatype: string; shape: bigint[] }[]) =>
      list.map(({ name, datatype, shape }) => ({ name, datatype, shape: shape.map(Number) }));
    if (body) {
      const inputs = body.inputs.map(({ name, datatype, shape, data }) => ({
        name,
        datatype,
        shape: shape.map(BigInt),
        contents: { fp32Contents: (data ?? []).flat(16) as number[] },
      }));
      const request = { modelName, modelVersion: version, id: body.id ?? '', inputs, outputs: body.outputs ?? [] };
      const answer = await client.modelInfer(request, options);
      const data = answer.outputs.map(({ contents }) => contents?.fp32Contents);
      return { id: answer.id, outputs: tensors(answer.outputs).map((tensor, position) => ({ ...tensor, data: data[position] })) };
    }
    if (path.endsWith('/health/live')) return { live: (await client.serverLive({}, options)).live };
    if (path.endsWith('/health/ready')) return { ready: (await client.serverReady({}, options)).ready };
    if (path.endsWith('/ready')) return { ready: (await client.modelReady(reference, options)).ready };
    if (modelName === '') return { ...(await client.serverMetadata({}, options)) };
    const metadata = await client.modelMetadata(reference, options);
    return { ...metadata, inputs: tensors(metadata.inputs), outputs: tensors(metadata.outputs) };
  }

  it.each(named)('over gRPC: %s', async (_name, entry) => {
    const { expect } = entry;
    const [status = expect.status] = expect.status_in ?? [];
    if (status !== 200) {
      await assert.rejects(ask(entry), (error: unknown) => error instanceof ConnectError && error.code === codes[status]);
      return;
    }
    const answer = await ask(entry);
    for (const name of expect.json_keys ?? []) assert.ok(name in answer, name);
    if (expect.id) assert.equal(answer['id'], expect.id);
    const outputs = outputsOf(entry);
    if (outputs) assert.deepEqual(answer['outputs'], outputs);
    if (expect.inputs) assert.deepEqual(answer['inputs'], expect.inputs);
    for (const flag of ['live', 'ready']) if (flag in answer) assert.equal(answer[flag], true);
  });
});

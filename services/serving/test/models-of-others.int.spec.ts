import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ModelSignature, TensorDatatype } from '@bascule/contracts';
import { eventually } from '@bascule/testing';
import { absent, referencePath } from '@bascule/testing/reference-data';
import { afterAll, beforeAll, describe, it } from 'vitest';
import type { Graph, GraphTensor } from '../src/runtime/frame.js';
import { ModelProcess } from '../src/runtime/model-process.runtime.js';
import { call, type Running, ready, type ServingStack, servingStack } from './serving-stack.js';

const missing = absent('data/onnx');

interface Case {
  readonly name: string;
  readonly model: Buffer;
  readonly request: unknown;
  readonly outputs: Output[];
}
interface Output {
  readonly name: string;
  readonly datatype: string;
  readonly shape: number[];
  readonly data: unknown[];
}

/** Models that cannot be served here, and what the index of models says about them. */
const refused: Readonly<Record<string, RegExp>> = {
  test_cast_FLOAT_to_BFLOAT16: /BF16/,
  test_gradient_of_add: /ai\.onnx\.preview\.training/,
  // loads only where the machine has this locale
  test_strnormalizer_export_monday_empty_output: /locale.*en_US\.UTF-8/,
};

function readCase(name: string, paths: { model: string; request: string; expected: string }): Case[] {
  if (!existsSync(paths.request)) return [];
  const read = (path: string) => (existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {});
  const { outputs = [] } = read(paths.expected) as { outputs?: Output[] };
  return [{ name, model: readFileSync(paths.model), request: read(paths.request), outputs }];
}

function cases(): Case[] {
  if (missing) return [];
  const real = referencePath('data/onnx/real');
  const backend = referencePath('data/onnx/backend');
  const names = readdirSync(real).filter((file) => file.endsWith('.onnx'));
  return [
    ...names.flatMap((file) => {
      const base = join(real, file.replace(/\.onnx$/, ''));
      return readCase(file.replace(/\.onnx$/, ''), {
        model: `${base}.onnx`,
        request: `${base}.request.json`,
        expected: `${base}.expected.json`,
      });
    }),
    ...readdirSync(backend)
      .filter((name) => name.startsWith('test_'))
      .flatMap((name) => {
        const file = (part: string) => join(backend, name, part);
        return readCase(name, { model: file('model.onnx'), request: file('request.json'), expected: file('expected.json') });
      }),
  ];
}

/** The signature that a graph promises, or the published tensors where it does not load. */
function signatureOf(graph: Graph | undefined, { request, outputs }: Case): ModelSignature {
  const specs = (tensors: readonly GraphTensor[]) => tensors.filter(({ datatype }) => datatype) as ModelSignature['inputs'];
  const promised = { inputs: specs(graph?.inputs ?? []), outputs: specs(graph?.outputs ?? []) };
  if (promised.inputs.length > 0 && promised.outputs.length > 0) return promised;
  const published = (tensors: readonly Output[]) =>
    tensors.map(({ name, datatype, shape }) => ({ name, datatype: datatype as TensorDatatype, shape }));
  return { inputs: published((request as { inputs: Output[] }).inputs), outputs: published(outputs) };
}

const special: Record<string, unknown> = { NaN: null, Infinity: Infinity, '-Infinity': -Infinity };
const isClose = (a: unknown, published: unknown) =>
  isSame(a, typeof published === 'string' && published in special ? special[published] : published);
const isSame = (a: unknown, b: unknown) =>
  typeof a === 'number' && typeof b === 'number' ? a === b || Math.abs(a - b) <= 1e-3 * Math.max(1, Math.abs(a)) : a === b;

describe.skipIf(missing)(`models that others made${missing}`, () => {
  const all = cases();
  let stack: ServingStack;
  let gateway: Running;
  let client: string;

  beforeAll(async () => {
    stack = await servingStack();
    client = await stack.key(['client']);
    const probe = new ModelProcess({ deadlineMs: 5_000, providers: ['cpu'], onRestart: () => undefined });
    probe.start();
    for (const entry of all) {
      const { name, model } = entry;
      const graph = await probe.load(name, async () => model).catch(() => undefined);
      const version = await stack.version(1, model, signatureOf(graph, entry), { percent: 100, role: 'champion' });
      await stack.route(name.toLowerCase(), 1, [version]);
    }
    await probe.stop();
    gateway = await stack.start();
    await ready(gateway);
  });
  afterAll(() => stack?.stop());

  const infer = ({ name, request }: Case) => call(`${gateway.url}/v2/models/${name.toLowerCase()}/infer`, client, { body: request });

  it.each(all.filter(({ name }) => !(name in refused)).map((entry) => [entry.name, entry] as const))(
    '%s answers as published',
    async (_name, entry) => {
      const { status, body } = await infer(entry);
      assert.equal(status, 200, body.error);
      for (const expected of entry.outputs) {
        const output = body.outputs.find((candidate: Output) => candidate.name === expected.name) as Output;
        assert.deepEqual(output.shape, expected.shape);
        assert.equal(output.datatype, expected.datatype);
        const flat = expected.data.flat(16);
        assert.ok(
          output.data.length === flat.length && output.data.every((cell, index) => isClose(cell, flat[index])),
          `${JSON.stringify(output.data).slice(0, 200)} is not ${JSON.stringify(flat).slice(0, 200)}`,
        );
      }
    },
  );

  it.each(all.filter(({ name }) => name in refused).map((entry) => [entry.name, entry] as const))(
    '%s is refused for a stated cause, or answers',
    async (name, entry) => {
      const { body: index } = await call(`${gateway.url}/v2/repository/index`, client, { body: {} });
      const listed = (index as { name: string; state: string; reason: string }[]).find((model) => model.name === name.toLowerCase());
      if (listed?.state === 'READY') return assert.equal((await infer(entry)).status, 200);
      assert.equal(listed?.state, 'UNAVAILABLE');
      assert.match(listed.reason, refused[name] as RegExp);
      const { status, body } = await infer(entry);
      assert.deepEqual([status, body.code], [503, 'serving.model_not_ready']);
    },
  );

  it('serves the tensors of a model whose other outputs are maps, and names those in its metadata', async () => {
    const name = 'sklearn_randomforest_iris_zipmap';
    const { body } = await call(`${gateway.url}/v2/models/${name}`, client);
    assert.deepEqual(
      body.outputs.map((output: Output) => output.name),
      ['output_label'],
    );
    assert.equal(body.parameters.left_out, 'output_probability');
    const { request } = all.find((entry) => entry.name === name) as Case;
    const outputs = [{ name: 'output_probability' }];
    const answer = await call(`${gateway.url}/v2/models/${name}/infer`, client, { body: { ...(request as object), outputs } });
    assert.equal(answer.status, 400);
    assert.match(answer.body.error, /output "output_probability" is not one of the model/);
  });

  it('serves a model that comes without a request, by what its metadata says', async () => {
    const model = readFileSync(referencePath('data/onnx/real/ortrb_sigmoid.onnx'));
    const tensor = (name: string) => ({ name, datatype: 'FP32' as const, shape: [3, 4, 5] });
    const signature = { inputs: [tensor('x')], outputs: [tensor('y')] };
    await stack.route('sigmoid', 1, [await stack.version(1, model, signature, { percent: 100, role: 'champion' })]);
    const inputs = [{ ...tensor('x'), data: new Array(60).fill(0) }];
    const answer = await eventually(async () => {
      const answered = await call(`${gateway.url}/v2/models/sigmoid/infer`, client, { body: { inputs } });
      assert.equal(answered.status, 200);
      return answered;
    });
    assert.deepEqual(answer?.body.outputs[0].data, new Array(60).fill(0.5));
  });
});

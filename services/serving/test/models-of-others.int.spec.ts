import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ModelSignature } from '@bascule/contracts';
import { eventually } from '@bascule/testing';
import { afterAll, beforeAll, describe, it } from 'vitest';
import type { GraphTensor } from '../src/runtime/frame.js';
import { ModelProcess } from '../src/runtime/model-process.runtime.js';
import { call, type Running, ready, type ServingStack, servingStack } from './serving-stack.js';

const reference = process.env['BASCULE_REFERENCE_DATA'];

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

function readCase(name: string, paths: { model: string; request: string; expected: string }): Case[] {
  if (!Object.values(paths).every(existsSync)) return [];
  const [request, expected] = [paths.request, paths.expected].map((path) => JSON.parse(readFileSync(path, 'utf8')));
  const outputs = (expected as { outputs?: Output[] }).outputs;
  return outputs ? [{ name, model: readFileSync(paths.model), request, outputs }] : [];
}

function cases(): Case[] {
  if (!reference) return [];
  const real = join(reference, 'data/onnx/real');
  const backend = join(reference, 'data/onnx/backend');
  return [
    ...readdirSync(real)
      .filter((file) => file.endsWith('.onnx'))
      .map((file) => join(real, file.replace(/\.onnx$/, '')))
      .flatMap((base) =>
        readCase(base.split('/').at(-1) as string, {
          model: `${base}.onnx`,
          request: `${base}.request.json`,
          expected: `${base}.expected.json`,
        }),
      ),
    ...readdirSync(backend)
      .filter((name) => name.startsWith('test_'))
      .flatMap((name) => {
        const file = (part: string) => join(backend, name, part);
        return readCase(name, { model: file('model.onnx'), request: file('request.json'), expected: file('expected.json') });
      }),
  ];
}

const special: Record<string, unknown> = { NaN: null, Infinity: Infinity, '-Infinity': -Infinity };
const isClose = (a: unknown, published: unknown) =>
  isSame(a, typeof published === 'string' && published in special ? special[published] : published);
const isSame = (a: unknown, b: unknown) =>
  typeof a === 'number' && typeof b === 'number' ? a === b || Math.abs(a - b) <= 1e-3 * Math.max(1, Math.abs(a)) : a === b;

describe.skipIf(!reference)('models that others made', () => {
  const all = cases();
  let stack: ServingStack;
  let gateway: Running;
  let client: string;
  const served = new Set<string>();

  beforeAll(async () => {
    stack = await servingStack();
    client = await stack.key(['client']);
    const probe = new ModelProcess(5_000, () => undefined);
    probe.start();
    for (const { name, model } of all) {
      const graph = await probe.load(name, async () => model).catch(() => undefined);
      const specs = (tensors: readonly GraphTensor[]) => tensors.filter(({ datatype }) => datatype) as ModelSignature['inputs'];
      if (!graph || specs(graph.inputs).length === 0 || specs(graph.outputs).length === 0) continue;
      const signature = { inputs: specs(graph.inputs), outputs: specs(graph.outputs) };
      await stack.route(name.toLowerCase(), 1, [await stack.version(1, model, signature, { percent: 100, role: 'champion' })]);
      served.add(name);
    }
    await probe.stop();
    gateway = await stack.start();
    await ready(gateway);
    await eventually(async () => (await call(`${gateway.url}/v2`, client)).status === 200);
  }, 60_000);
  afterAll(() => stack?.stop());

  it.each(all.map((entry) => [entry.name, entry] as const))(
    '%s answers as published, or says why not',
    async (name, { request, outputs }) => {
      const { status, body } = await call(`${gateway.url}/v2/models/${name.toLowerCase()}/infer`, client, { body: request });
      if (status !== 200) {
        assert.ok([400, 404, 422, 503].includes(status), `status ${status}`);
        assert.equal(typeof body.error, 'string');
        return;
      }
      for (const expected of outputs) {
        const output = body.outputs.find((candidate: Output) => candidate.name === expected.name) as Output | undefined;
        if (!output) continue;
        assert.deepEqual(output.shape, expected.shape);
        assert.equal(output.datatype, expected.datatype);
        const flat = expected.data.flat(16);
        assert.ok(
          output.data.every((cell, index) => isClose(cell, flat[index])),
          `${JSON.stringify(output.data).slice(0, 200)} is not ${JSON.stringify(flat).slice(0, 200)}`,
        );
      }
    },
  );
});

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { ModelSignature, TensorDatatype } from '@bascule/contracts';
import { onnx } from '@bascule/proto';
import { sha256Hex } from '@bascule/storage';
import { absent, referencePath } from '@bascule/testing/reference-data';
import { create, toBinary } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { probeModel } from '../src/admission/probe-process.runtime.js';
import { graphOf } from '../src/artifacts/onnx-graph.js';
import { onnxBytes, type Registry, signature, startRegistry } from './start-registry.js';

const limits = { timeoutMs: 30_000, memoryBytes: 1024 ** 3 };
const reference = referencePath('data/onnx');
const missing = absent('data/onnx');

const { BOOL, FLOAT, INT64 } = onnx.TensorProto_DataType;
type Graph = NonNullable<Parameters<typeof create<typeof onnx.ModelProtoSchema>>[1]>['graph'];

/** A model with one input and one output column whose nodes are given. */
function modelOf(graph: NonNullable<Graph>, opset = 17n): Buffer {
  const column = (name: string) => ({
    name,
    type: {
      value: {
        case: 'tensorType' as const,
        value: {
          elemType: FLOAT,
          shape: { dim: [{ value: { case: 'dimParam' as const, value: 'n' } }, { value: { case: 'dimValue' as const, value: 1n } }] },
        },
      },
    },
  });
  const whole = { name: 'g', input: [column('x')], output: [column('y')], ...graph } as NonNullable<Graph>;
  return Buffer.from(
    toBinary(onnx.ModelProtoSchema, create(onnx.ModelProtoSchema, { irVersion: 8n, opsetImport: [{ version: opset }], graph: whole })),
  );
}
const columns: ModelSignature = {
  inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 1] }],
  outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, 1] }],
};
const row = [{ name: 'x', shape: [1, 1], data: [1] }];
const probe = (
  bytes: Uint8Array,
  { areSamplesGiven = false, ...more }: Partial<typeof limits> & { areSamplesGiven?: boolean } = {},
  described: ModelSignature = columns,
  samples = [row],
) => probeModel({ signature: described, samples, areSamplesGiven }, Readable.from([bytes]), { ...limits, ...more });

/** Takes 2^62 rounds. */
function endless(): Buffer {
  const scalar = (name: string, value: bigint) => ({ name, dataType: INT64, int64Data: [value] });
  const typed = (name: string, elemType: number, rank = 0) => ({
    name,
    type: { value: { case: 'tensorType' as const, value: { elemType, shape: { dim: Array.from({ length: rank }, () => ({})) } } } },
  });
  const body = {
    name: 'body',
    node: [
      { opType: 'Identity', input: ['go'], output: ['on'] },
      { opType: 'Sin', input: ['carried'], output: ['next'] },
    ],
    input: [typed('round', INT64), typed('go', BOOL), typed('carried', FLOAT, 2)],
    output: [typed('on', BOOL), typed('next', FLOAT, 2)],
  };
  const node = [
    {
      opType: 'Loop',
      input: ['rounds', '', 'x'],
      output: ['y'],
      attribute: [{ name: 'body', type: onnx.AttributeProto_AttributeType.GRAPH, g: body }],
    },
  ];
  return modelOf({ node, initializer: [scalar('rounds', 2n ** 62n)] } as never);
}

/** Spreads its input over ten gigabytes when it runs. */
function greedy(): Buffer {
  const sizes = { name: 'sizes', dataType: INT64, dims: [2n], int64Data: [50_000n, 50_000n] };
  const node = [
    { opType: 'Expand', input: ['x', 'sizes'], output: ['wide'] },
    { opType: 'ReduceMax', input: ['wide'], output: ['y'] },
  ];
  return modelOf({ node, initializer: [sizes] } as never);
}

describe('a model that is tried', () => {
  it('is let in with its operators, latency and memory at every batch size', async () => {
    const { faults, admission } = await probe(modelOf({ node: [{ opType: 'Sigmoid', input: ['x'], output: ['y'] }] } as never));
    expect(faults).toEqual([]);
    expect(admission).toMatchObject({ file: { irVersion: 8, opsets: { 'ai.onnx': 17 }, operators: ['Sigmoid'] }, cautions: [] });
    expect(admission?.batches.map(({ rows }) => rows)).toEqual([1, 8, 32, 128]);
    for (const { medianMs, p95Ms, residentBytes } of admission?.batches ?? []) {
      expect(medianMs).toBeLessThanOrEqual(p95Ms);
      expect(residentBytes).toBeGreaterThan(1024 ** 2);
    }
  });

  it('is killed when it never ends', async () => {
    const model = endless();
    // a machine with much else to do may need so long to load it alone
    for (const timeoutMs of [3_000, 15_000, 60_000]) {
      const { faults } = await probe(model, { timeoutMs });
      if (timeoutMs < 60_000 && !faults.join().includes('while answering')) continue;
      expect(faults).toEqual([expect.stringMatching(new RegExp(`^the model took longer than ${timeoutMs} ms while answering`))]);
      break;
    }
  });

  it('is killed when it takes too much memory', async () => {
    const { faults } = await probe(greedy(), { memoryBytes: 512 * 1024 ** 2 });
    expect(faults).toEqual([expect.stringMatching(/^the model took more than 536870912 bytes of memory while answering/)]);
  });

  it('is refused when it knows no number for the rows that were given, and let in with a caution when they were made up', async () => {
    const root = modelOf({
      node: [
        { opType: 'Neg', input: ['x'], output: ['below'] },
        { opType: 'Sub', input: ['below', 'w'], output: ['lower'] },
        { opType: 'Sqrt', input: ['lower'], output: ['y'] },
      ],
      initializer: [{ name: 'w', dataType: FLOAT, dims: [1n], floatData: [1] }],
    } as never);
    const madeUp = await probe(root);
    expect(madeUp.admission?.cautions).toEqual([expect.stringContaining('output "y" is NaN in every answer to made-up rows')]);
    expect(await probe(root, { areSamplesGiven: true })).toEqual({ faults: ['output "y" is NaN in every answer to the samples'] });
  });

  it('names the width that nobody knows, and not the sources of the runtime', async () => {
    const wide = { ...columns, inputs: [{ ...columns.inputs[0]!, shape: [-1, -1] }] };
    const node = [{ opType: 'MatMul', input: ['x', 'w'], output: ['y'] }];
    const initializer = [{ name: 'w', dataType: FLOAT, dims: [3n, 1n], floatData: [1, 1, 1] }];
    const dim = ['n', 'm'].map((value) => ({ value: { case: 'dimParam' as const, value } }));
    const open = { name: 'x', type: { value: { case: 'tensorType' as const, value: { elemType: FLOAT, shape: { dim } } } } };
    const { faults } = await probe(modelOf({ node, initializer, input: [open] } as never), {}, wide);
    expect(faults).toEqual([
      expect.stringMatching(/^sample 1: it does not answer: MatMul: /),
      'the width of input "x" is unknown: give samples',
    ]);
    expect(faults.join()).not.toMatch(/onnxruntime|::|\.h:|\.cc:/);
  });

  it.each([
    [
      'draws random numbers',
      { node: [{ opType: 'RandomNormalLike', input: ['x'], output: ['y'] }] },
      'the operator RandomNormalLike is not allowed',
    ],
    [
      'keeps weights in another file',
      {
        node: [{ opType: 'Add', input: ['x', 'w'], output: ['y'] }],
        initializer: [
          { name: 'w', dataType: FLOAT, dims: [1n], dataLocation: 1, externalData: [{ key: 'location', value: '/etc/passwd' }] },
        ],
      },
      'keeps its data outside the file',
    ],
    [
      'claims weights it does not have',
      {
        node: [{ opType: 'Add', input: ['x', 'w'], output: ['y'] }],
        initializer: [{ name: 'w', dataType: FLOAT, dims: [10n], rawData: new Uint8Array(4) }],
      },
      'should have 40 bytes and has 4',
    ],
    [
      'claims an absurd shape',
      {
        node: [{ opType: 'Add', input: ['x', 'w'], output: ['y'] }],
        initializer: [{ name: 'w', dataType: FLOAT, dims: [2n ** 40n, 2n ** 40n] }],
      },
      'absurd shape',
    ],
    [
      'answers another shape',
      { node: [{ opType: 'Concat', input: ['x', 'x'], output: ['y'], attribute: [{ name: 'axis', i: 0n, type: 2 }] }] },
      'for 1 rows',
    ],
  ])('is refused when it %s', async (_, graph, reason) => {
    expect((await probe(modelOf(graph as never))).faults.join()).toContain(reason);
  });
});

describe.skipIf(missing)(`files of others${missing}`, () => {
  let registry: Registry;
  beforeAll(async () => {
    registry = await startRegistry();
  });
  afterAll(() => registry?.stop());

  const whole = 'real/sklearn_randomforest_iris_zipmap.onnx';
  const originals: Record<string, string> = { '01_truncated.onnx': whole, '02_bitflip.onnx': whole };

  it('are refused when they are hostile, each with its reason', async () => {
    for (const name of readdirSync(join(reference, 'hostile')).filter((file) => file.endsWith('.onnx'))) {
      const bytes = readFileSync(join(reference, 'hostile', name));
      const announced = sha256Hex(originals[name] ? readFileSync(join(reference, originals[name])) : bytes);
      const sent = await registry.call('sam', 'POST', `/v1/artifacts?digest=${announced}`, bytes);
      if (sent.status !== 201) {
        expect({ name, status: sent.status }).toEqual({ name, status: bytes.length === 0 ? 400 : 422 });
        continue;
      }
      const upload = { artifactDigest: sent.body.digest, signature: signatureOf(bytes) ?? signature };
      const answer = await registry.call('sam', 'POST', '/v1/models/claims-hostile/versions', upload);
      expect({ name, status: answer.status, reason: answer.body.detail }).toEqual({
        name,
        status: 422,
        reason: expect.stringMatching(/./),
      });
      if (name.startsWith('40')) expect(answer.body.detail).toContain('opset 999');
      if (name.startsWith('41')) expect(answer.body.detail).toContain('IR version 99');
      if (name.startsWith('42')) expect(answer.body.detail).toMatch(/operator .+ is not allowed/);
    }
  });

  it('are let in when they are real, or refused for a stated cause', async () => {
    const outcomes: Record<string, string> = {};
    for (const name of readdirSync(join(reference, 'real')).filter((file) => file.endsWith('.onnx'))) {
      const bytes = readFileSync(join(reference, 'real', name));
      const { body: artifact } = await registry.call('sam', 'POST', '/v1/artifacts', bytes);
      const request = join(reference, 'real', name.replace('.onnx', '.request.json'));
      const samples = existsSync(request) ? { samples: JSON.parse(readFileSync(request, 'utf8')).inputs } : {};
      const upload = { artifactDigest: artifact.digest, signature: signatureOf(bytes), ...samples };
      const answer = await registry.call('sam', 'POST', `/v1/models/claims-${name.replace('.onnx', '')}/versions`, upload);
      outcomes[name] = answer.status === 201 ? 'let in' : String(answer.body.detail);
      expect(answer.status === 201 || (answer.status === 422 && answer.body.errors.length > 0), JSON.stringify([name, answer.body])).toBe(
        true,
      );
    }
    expect(outcomes['ortrb_mul_1.onnx']).toBe('let in');
    expect(outcomes['ortgo_dynamic_axes.onnx']).toBe('let in');
    expect(outcomes['skl2onnx_treecl.onnx']).toBe('let in');
    expect(outcomes['sklearn_randomforest_iris_zipmap.onnx']).toBe('let in');
  });
});

/** The signature a careful person would write for the file: its tensors, the first axis as the batch where it has any length. */
function signatureOf(bytes: Buffer): ModelSignature | undefined {
  const graph = graphOf(bytes);
  if (!graph) return undefined;
  const isFixed = graph.inputs.some(({ shape }) => shape !== undefined && (shape[0] ?? 1) > 0);
  const shapeOf = (shape: readonly number[] = [-1]) => (isFixed ? [...shape] : [-1, ...shape.slice(1)]);
  const specs = (tensors: typeof graph.inputs) =>
    tensors
      .filter(({ datatype }) => datatype !== undefined)
      .map(({ name, datatype, shape }) => ({ name, datatype: datatype as TensorDatatype, shape: shapeOf(shape) }));
  const [inputs, outputs] = [specs(graph.inputs), specs(graph.outputs)];
  return inputs.length > 0 && outputs.length > 0 ? { inputs, outputs } : undefined;
}

it('a version tells what the probe found', async () => {
  const registry = await startRegistry();
  try {
    const { body: artifact } = await registry.call('sam', 'POST', '/v1/artifacts', onnxBytes('told'));
    const { body } = await registry.call('sam', 'POST', '/v1/models/claims-told/versions', { artifactDigest: artifact.digest, signature });
    expect(body.admission).toMatchObject({
      file: { operators: ['Concat', 'Neg', 'Sigmoid'] },
      runtime: expect.stringContaining('onnxruntime'),
    });
  } finally {
    await registry.stop();
  }
});

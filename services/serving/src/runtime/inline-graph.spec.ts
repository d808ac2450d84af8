import type { ModelSignature } from '@bascule/contracts';
import { onnx } from '@bascule/proto';
import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { inlineFault, inlineRows } from './inline-graph.js';

type Node = MessageInitShape<typeof onnx.NodeProtoSchema>;

const signature: ModelSignature = {
  inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 3] }],
  outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, 1] }],
};
const model = (...node: Node[]) =>
  toBinary(onnx.ModelProtoSchema, create(onnx.ModelProtoSchema, { graph: { name: 'g', node: node.map((each) => ({ ...each })) } }));
const plain = model({ opType: 'Gemm' }, { opType: 'Softmax' });

describe('what may run beside the requests', () => {
  it('is a plain graph with static shapes but for the rows', () => {
    expect(inlineFault(plain, signature)).toBeUndefined();
    expect(inlineFault(model({ opType: 'TreeEnsembleRegressor', domain: 'ai.onnx.ml' }), signature)).toBeUndefined();
  });

  it.each([
    ['Loop', ''],
    ['If', ''],
    ['Scan', ''],
    // shapes from values: the largest run measured would not be the largest there is
    ['Expand', ''],
    ['Range', ''],
    ['Reshape', ''],
    ['Gemm', 'com.example'],
    ['LabelEncoder', 'ai.onnx.ml'],
  ])('has no %s of domain "%s"', (opType, domain) => {
    expect(inlineFault(model({ opType: 'Gemm' }, { opType, domain }), signature)).toContain(opType);
  });

  it('has no graph within a node, whatever the node is called', () => {
    const attribute = [{ name: 'body', type: 5, g: { name: 'inner' } }];
    expect(inlineFault(model({ opType: 'Add', attribute }), signature)).toBe('a graph within Add');
  });

  it('has no functions of its own', () => {
    const bytes = toBinary(onnx.ModelProtoSchema, create(onnx.ModelProtoSchema, { graph: {}, functions: [{ name: 'Gemm' }] }));
    expect(inlineFault(bytes, signature)).toBe('it defines functions');
  });

  it('has trees of few nodes', () => {
    const strings = Array.from({ length: 60_001 }, () => new TextEncoder().encode('LEAF'));
    const attribute = [{ name: 'nodes_modes', type: 8, strings }];
    expect(inlineFault(model({ opType: 'TreeEnsembleClassifier', domain: 'ai.onnx.ml', attribute }), signature)).toContain('60001 nodes');
  });

  it.each([
    ['texts', { datatype: 'BYTES', shape: [-1, 3] }],
    ['an axis of any length', { datatype: 'FP32', shape: [-1, -1] }],
    ['no axis of rows', { datatype: 'FP32', shape: [3] }],
    ['a huge row', { datatype: 'FP32', shape: [-1, 1024, 1024] }],
  ] as const)('takes no inputs with %s', (_what, { datatype, shape }) => {
    expect(inlineFault(plain, { ...signature, inputs: [{ name: 'x', datatype, shape: [...shape] }] })).toBeDefined();
  });

  it('runs fewer rows at once the longer they are', () => {
    const rows = (shape: number[]) => inlineRows({ ...signature, inputs: [{ name: 'x', datatype: 'FP32', shape }] }, 32);
    expect([rows([-1]), rows([-1, 3]), rows([-1, 128, 128]), rows([-1, 256, 256]), rows([-1, 512, 512])]).toEqual([32, 32, 32, 8, 2]);
  });

  it('is small', () => {
    const doc = 'x'.repeat(4_000_001);
    const large = toBinary(onnx.ModelProtoSchema, create(onnx.ModelProtoSchema, { docString: doc, graph: {} }));
    expect(inlineFault(large, signature)).toContain('bytes');
  });
});

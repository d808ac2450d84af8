import { onnx } from '@bascule/proto';
import { create, toBinary } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { graphOf } from './onnx-graph.js';

const { TensorProto_DataType: DataType } = onnx;
const any = { value: { case: 'dimParam' as const, value: 'batch' } };
const fixed = (size: bigint) => ({ value: { case: 'dimValue' as const, value: size } });
const tensor = (name: string, elemType: number, dim?: (typeof any | ReturnType<typeof fixed>)[]) =>
  create(onnx.ValueInfoProtoSchema, {
    name,
    type: { value: { case: 'tensorType', value: { elemType, ...(dim ? { shape: { dim } } : {}) } } },
  });

const file = toBinary(
  onnx.ModelProtoSchema,
  create(onnx.ModelProtoSchema, {
    irVersion: 3n,
    graph: {
      input: [tensor('speed', DataType.FLOAT, [any, fixed(1n)]), tensor('weights', DataType.FLOAT, [fixed(2n)])],
      initializer: [{ name: 'weights', dims: [2n], dataType: DataType.FLOAT, floatData: [1, 2] }],
      output: [tensor('label', DataType.STRING), tensor('complex', DataType.COMPLEX64)],
    },
  }),
);

describe('graphOf', () => {
  it('reads names, types and shapes, without inputs that have a value already', () => {
    expect(graphOf(file)).toEqual({
      inputs: [{ name: 'speed', datatype: 'FP32', shape: [-1, 1] }],
      outputs: [{ name: 'label', datatype: 'BYTES' }, { name: 'complex' }],
    });
  });

  it('is undefined for a graph that is cut off or no graph at all', () => {
    expect(graphOf(file.subarray(0, -5))).toBeUndefined();
    expect(graphOf(Uint8Array.from([0x3a, 0x02, 0x5a, 0x7f]))).toBeUndefined();
  });
});

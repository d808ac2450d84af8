import type { ModelSignature } from '@bascule/contracts';
import { onnx } from '@bascule/proto';
import { create, toBinary } from '@bufbuild/protobuf';

const float = 1;
const int64 = 7;
const bool = 9;
const graphAttribute = 5;

function tensorInfo(name: string, axes: (number | string)[], elemType = float) {
  const dim = axes.map((axis) => ({
    value: typeof axis === 'number' ? { case: 'dimValue' as const, value: BigInt(axis) } : { case: 'dimParam' as const, value: axis },
  }));
  return { name, type: { value: { case: 'tensorType' as const, value: { elemType, shape: { dim } } } } };
}

/** A model of one node: y = x * factor, rows of `columns` numbers. */
export function scaleModel(factor: number, columns = 1): Uint8Array {
  const model = create(onnx.ModelProtoSchema, {
    irVersion: 8n,
    opsetImport: [{ domain: '', version: 17n }],
    graph: {
      name: 'scale',
      node: [{ opType: 'Mul', input: ['x', 'factor'], output: ['y'] }],
      initializer: [{ name: 'factor', dataType: float, dims: [1n], floatData: [factor] }],
      input: [tensorInfo('x', ['rows', columns])],
      output: [tensorInfo('y', ['rows', columns])],
    },
  });
  return toBinary(onnx.ModelProtoSchema, model);
}

export const scaleSignature: ModelSignature = {
  inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 1], kind: 'numeric' }],
  outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, 1] }],
};

/** A model that counts to its input, one step of a loop at a time: a large input keeps it busy for ever. */
export function countingModel(): Uint8Array {
  const body = {
    name: 'step',
    node: [
      { opType: 'Identity', input: ['go'], output: ['goOn'] },
      { opType: 'Add', input: ['sum', 'one'], output: ['sumNext'] },
    ],
    initializer: [{ name: 'one', dataType: float, dims: [1n], floatData: [1] }],
    input: [tensorInfo('turn', [], int64), tensorInfo('go', [], bool), tensorInfo('sum', [1])],
    output: [tensorInfo('goOn', [], bool), tensorInfo('sumNext', [1])],
  };
  const model = create(onnx.ModelProtoSchema, {
    irVersion: 8n,
    opsetImport: [{ domain: '', version: 17n }],
    graph: {
      name: 'count',
      node: [{ opType: 'Loop', input: ['n', '', 'zero'], output: ['y'], attribute: [{ name: 'body', type: graphAttribute, g: body }] }],
      initializer: [{ name: 'zero', dataType: float, dims: [1n], floatData: [0] }],
      input: [tensorInfo('n', [], int64)],
      output: [tensorInfo('y', [1])],
    },
  });
  return toBinary(onnx.ModelProtoSchema, model);
}

export const countingSignature: ModelSignature = {
  inputs: [{ name: 'n', datatype: 'INT64', shape: [] }],
  outputs: [{ name: 'y', datatype: 'FP32', shape: [1] }],
};

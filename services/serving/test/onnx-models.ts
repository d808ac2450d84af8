import type { ModelSignature } from '@bascule/contracts';
import { onnx } from '@bascule/proto';
import { create, toBinary } from '@bufbuild/protobuf';

const float = 1;
const int64 = 7;
const bool = 9;
const intAttribute = 2;
const graphAttribute = 5;

export function tensorInfo(name: string, axes: (number | string)[], elemType = float) {
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

/** Answers at once what the counting model would count to. */
export function castingModel(): Uint8Array {
  const model = create(onnx.ModelProtoSchema, {
    irVersion: 8n,
    opsetImport: [{ domain: '', version: 17n }],
    graph: {
      name: 'cast',
      node: [
        { opType: 'Cast', input: ['n'], output: ['c'], attribute: [{ name: 'to', type: intAttribute, i: BigInt(float) }] },
        { opType: 'Add', input: ['c', 'zero'], output: ['y'] },
      ],
      initializer: [{ name: 'zero', dataType: float, dims: [1n], floatData: [0] }],
      input: [tensorInfo('n', [], int64)],
      output: [tensorInfo('y', [1])],
    },
  });
  return toBinary(onnx.ModelProtoSchema, model);
}

/** A model that fills as many numbers as its input says and answers their sum: a large input takes any amount of memory. */
export function fillingModel(): Uint8Array {
  const model = create(onnx.ModelProtoSchema, {
    irVersion: 8n,
    opsetImport: [{ domain: '', version: 17n }],
    graph: {
      name: 'fill',
      node: [
        { opType: 'ConstantOfShape', input: ['n'], output: ['zeros'] },
        // the zeros are written to memory page by page only when something is added to them
        { opType: 'Add', input: ['zeros', 'one'], output: ['ones'] },
        { opType: 'ReduceSum', input: ['ones'], output: ['y'], attribute: [{ name: 'keepdims', type: intAttribute, i: 0n }] },
      ],
      initializer: [{ name: 'one', dataType: float, dims: [1n], floatData: [1] }],
      input: [tensorInfo('n', [1], int64)],
      output: [tensorInfo('y', [])],
    },
  });
  return toBinary(onnx.ModelProtoSchema, model);
}

export const fillingSignature: ModelSignature = {
  inputs: [{ name: 'n', datatype: 'INT64', shape: [1] }],
  outputs: [{ name: 'y', datatype: 'FP32', shape: [] }],
};

/** An int8 model, as quantisation tools make them: y = (x in steps of 0.5) * 3, computed in integers. */
export function quantisedModel(): Uint8Array {
  const int8 = 3;
  const model = create(onnx.ModelProtoSchema, {
    irVersion: 8n,
    opsetImport: [{ domain: '', version: 17n }],
    graph: {
      name: 'quantised',
      node: [
        { opType: 'QuantizeLinear', input: ['x', 'scale', 'zero'], output: ['q'] },
        { opType: 'MatMulInteger', input: ['q', 'weight', 'zero', 'zero'], output: ['product'] },
        { opType: 'Cast', input: ['product'], output: ['wide'], attribute: [{ name: 'to', type: intAttribute, i: BigInt(float) }] },
        { opType: 'Mul', input: ['wide', 'scale'], output: ['y'] },
      ],
      initializer: [
        { name: 'scale', dataType: float, dims: [], floatData: [0.5] },
        { name: 'zero', dataType: int8, dims: [], int32Data: [0] },
        { name: 'weight', dataType: int8, dims: [1n, 1n], int32Data: [3] },
      ],
      input: [tensorInfo('x', ['rows', 1])],
      output: [tensorInfo('y', ['rows', 1])],
    },
  });
  return toBinary(onnx.ModelProtoSchema, model);
}

/** A model that looks up a row of a table of equal numbers: y = value; each number takes four bytes of memory. */
export function tableModel(value: number, length: number): Uint8Array {
  const model = create(onnx.ModelProtoSchema, {
    irVersion: 8n,
    opsetImport: [{ domain: '', version: 17n }],
    graph: {
      name: 'table',
      node: [{ opType: 'Gather', input: ['table', 'n'], output: ['y'] }],
      initializer: [
        { name: 'table', dataType: float, dims: [BigInt(length)], rawData: new Uint8Array(new Float32Array(length).fill(value).buffer) },
      ],
      input: [tensorInfo('n', [], int64)],
      output: [tensorInfo('y', [])],
    },
  });
  return toBinary(onnx.ModelProtoSchema, model);
}

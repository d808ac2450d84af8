import type { ModelSignature } from '@bascule/contracts';
import { onnx } from '@bascule/proto';
import { create, toBinary } from '@bufbuild/protobuf';

const float = 1;
const int64 = 7;
const text = 8;

function tensor(name: string, axes: (number | string)[], elemType: number) {
  const dim = axes.map((axis) => ({
    value: typeof axis === 'number' ? { case: 'dimValue' as const, value: BigInt(axis) } : { case: 'dimParam' as const, value: axis },
  }));
  return { name, type: { value: { case: 'tensorType' as const, value: { elemType, shape: { dim } } } } };
}

function bytesOf(graph: NonNullable<Parameters<typeof create<typeof onnx.ModelProtoSchema>>[1]>['graph']): Uint8Array {
  return toBinary(
    onnx.ModelProtoSchema,
    create(onnx.ModelProtoSchema, { irVersion: 8n, opsetImport: [{ domain: '', version: 17n }], ...(graph ? { graph } : {}) }),
  );
}

/** Two classes from two numbers: the larger one wins. Text and an integer go in as well. */
export function claimsModel(): Uint8Array {
  const integer = 2;
  return bytesOf({
    name: 'claims',
    node: [
      { opType: 'Concat', input: ['minor', 'major'], output: ['both'], attribute: [{ name: 'axis', type: integer, i: 1n }] },
      { opType: 'Sigmoid', input: ['both'], output: ['probabilities'] },
      {
        opType: 'ArgMax',
        input: ['probabilities'],
        output: ['label'],
        attribute: [
          { name: 'axis', type: integer, i: 1n },
          { name: 'keepdims', type: integer, i: 0n },
        ],
      },
      { opType: 'Identity', input: ['count'], output: ['counted'] },
      { opType: 'Identity', input: ['phase'], output: ['seen'] },
    ],
    input: [
      tensor('minor', ['rows', 1], float),
      tensor('major', ['rows', 1], float),
      tensor('phase', ['rows', 1], text),
      tensor('count', ['rows', 1], int64),
    ],
    output: [
      tensor('label', ['rows'], int64),
      tensor('probabilities', ['rows', 2], float),
      tensor('counted', ['rows', 1], int64),
      tensor('seen', ['rows', 1], text),
    ],
  });
}

export const claimsSignature: ModelSignature = {
  inputs: [
    { name: 'minor', datatype: 'FP32', shape: [-1, 1], kind: 'numeric' },
    { name: 'major', datatype: 'FP32', shape: [-1, 1], kind: 'numeric' },
    { name: 'phase', datatype: 'BYTES', shape: [-1, 1], kind: 'categorical' },
    { name: 'count', datatype: 'INT64', shape: [-1, 1], kind: 'numeric' },
  ],
  outputs: [
    { name: 'label', datatype: 'INT64', shape: [-1], classes: ['none', 'damage'] },
    { name: 'probabilities', datatype: 'FP32', shape: [-1, 2], columns: ['none', 'damage'] },
    { name: 'counted', datatype: 'INT64', shape: [-1, 1] },
    { name: 'seen', datatype: 'BYTES', shape: [-1, 1] },
  ],
};

/** Looks a number up among three: other positions are an error of the model. */
export function lookupModel(): Uint8Array {
  return bytesOf({
    name: 'lookup',
    node: [{ opType: 'Gather', input: ['table', 'position'], output: ['price'] }],
    initializer: [{ name: 'table', dataType: float, dims: [3n], floatData: [10, 20, 30] }],
    input: [tensor('position', ['rows'], int64)],
    output: [tensor('price', ['rows'], float)],
  });
}

export const lookupSignature: ModelSignature = {
  inputs: [{ name: 'position', datatype: 'INT64', shape: [-1] }],
  outputs: [{ name: 'price', datatype: 'FP32', shape: [-1] }],
};

/** The same, with what a contract allows of two features. */
export const watchedSignature = {
  ...claimsSignature,
  inputs: claimsSignature.inputs.map((input) => {
    if (input.name === 'major') return { ...input, limits: { minimum: 0, maximum: 10 } };
    return input.name === 'phase' ? { ...input, limits: { allowed: ['Climb', 'Approach'] } } : input;
  }),
};

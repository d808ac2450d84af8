import type { ModelSignature } from '@bascule/contracts';
import { onnx } from '@bascule/proto';
import { create, toBinary } from '@bufbuild/protobuf';

const float = 1;
const int64 = 7;

const tensorInfo = (name: string, elemType: number) => ({
  name,
  type: {
    value: { case: 'tensorType' as const, value: { elemType, shape: { dim: [{ value: { case: 'dimParam' as const, value: 'rows' } }] } } },
  },
});

/** A model that answers the value at a position, and fails on a position beyond its values. */
export function pickModel(values: number, value: number): Uint8Array {
  return toBinary(
    onnx.ModelProtoSchema,
    create(onnx.ModelProtoSchema, {
      irVersion: 8n,
      opsetImport: [{ domain: '', version: 17n }],
      graph: {
        name: 'pick',
        node: [{ opType: 'Gather', input: ['values', 'n'], output: ['y'] }],
        initializer: [{ name: 'values', dataType: float, dims: [BigInt(values)], floatData: Array.from({ length: values }, () => value) }],
        input: [tensorInfo('n', int64)],
        output: [tensorInfo('y', float)],
      },
    }),
  );
}

export const pickSignature: ModelSignature = {
  inputs: [{ name: 'n', datatype: 'INT64', shape: [-1] }],
  outputs: [{ name: 'y', datatype: 'FP32', shape: [-1] }],
};

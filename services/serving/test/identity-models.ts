import type { ModelSignature, TensorDatatype } from '@bascule/contracts';
import { onnx } from '@bascule/proto';
import { create, toBinary } from '@bufbuild/protobuf';
import { tensorInfo } from './onnx-models.js';

/** What ONNX calls the datatypes of the protocol. */
export const elementTypes: Readonly<Record<TensorDatatype, number>> = {
  FP32: 1,
  UINT8: 2,
  INT8: 3,
  UINT16: 4,
  INT16: 5,
  INT32: 6,
  INT64: 7,
  BYTES: 8,
  BOOL: 9,
  FP16: 10,
  FP64: 11,
  UINT32: 12,
  UINT64: 13,
  BF16: 16,
};

export interface Copied {
  readonly input: string;
  readonly output: string;
  readonly datatype: TensorDatatype;
  /** Axes of -1 have any length. */
  readonly shape: readonly number[];
}

/** A model that answers each of its inputs as it came, and its signature. */
export function identityModel(copied: readonly Copied[]): { model: Uint8Array; signature: ModelSignature } {
  const info = (name: string, { datatype, shape }: Copied) =>
    tensorInfo(
      name,
      shape.map((length, axis) => (length === -1 ? `axis${axis}` : length)),
      elementTypes[datatype],
    );
  const model = create(onnx.ModelProtoSchema, {
    irVersion: 8n,
    opsetImport: [{ domain: '', version: 17n }],
    graph: {
      name: 'identity',
      node: copied.map(({ input, output }) => ({ opType: 'Identity', input: [input], output: [output] })),
      input: copied.map((tensor) => info(tensor.input, tensor)),
      output: copied.map((tensor) => info(tensor.output, tensor)),
    },
  });
  const specs = (side: 'input' | 'output') =>
    copied.map((tensor) => ({ name: tensor[side], datatype: tensor.datatype, shape: [...tensor.shape] }));
  return { model: toBinary(onnx.ModelProtoSchema, model), signature: { inputs: specs('input'), outputs: specs('output') } };
}

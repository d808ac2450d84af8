import { onnx } from '@bascule/proto';
import { create } from '@bufbuild/protobuf';

const { AttributeProto_AttributeType: AttributeType, TensorProto_DataType: DataType } = onnx;
const utf8 = new TextEncoder();

type Attribute =
  | { ints: readonly number[] }
  | { integer: number }
  | { float: number }
  | { floats: readonly number[] }
  | { strings: readonly string[] };

function attributeOf(name: string, value: Attribute): onnx.AttributeProto {
  const filled =
    'integer' in value
      ? { type: AttributeType.INT, i: BigInt(value.integer) }
      : 'float' in value
        ? { type: AttributeType.FLOAT, f: value.float }
        : 'floats' in value
          ? { type: AttributeType.FLOATS, floats: [...value.floats] }
          : 'ints' in value
            ? { type: AttributeType.INTS, ints: value.ints.map(BigInt) }
            : { type: AttributeType.STRINGS, strings: value.strings.map((text) => utf8.encode(text)) };
  return create(onnx.AttributeProtoSchema, { name, ...filled });
}

/** One operator call of a graph. */
export function nodeOf(
  opType: string,
  input: readonly string[],
  output: string,
  { domain = '', attributes = {} }: { domain?: string; attributes?: Record<string, Attribute> } = {},
): onnx.NodeProto {
  return create(onnx.NodeProtoSchema, {
    opType,
    domain,
    name: `${opType}:${output}`,
    input: [...input],
    output: [output],
    attribute: Object.entries(attributes).map(([name, value]) => attributeOf(name, value)),
  });
}

/** A float constant of shape [1, 1], which broadcasts over the rows. */
export function floatConstant(name: string, value: number): onnx.TensorProto {
  return create(onnx.TensorProtoSchema, { name, dims: [1n, 1n], dataType: DataType.FLOAT, floatData: [value] });
}

/** An int64 constant of shape [n]. */
export function integersConstant(name: string, values: readonly number[]): onnx.TensorProto {
  return create(onnx.TensorProtoSchema, {
    name,
    dims: [BigInt(values.length)],
    dataType: DataType.INT64,
    int64Data: values.map(BigInt),
  });
}

/** A graph input or output; -1 is the batch axis. */
export function valueInfo(name: string, elementType: onnx.TensorProto_DataType, shape: readonly number[]): onnx.ValueInfoProto {
  const dim = shape.map((length) =>
    length < 0 ? { value: { case: 'dimParam' as const, value: 'batch' } } : { value: { case: 'dimValue' as const, value: BigInt(length) } },
  );
  return create(onnx.ValueInfoProtoSchema, {
    name,
    type: { value: { case: 'tensorType', value: { elemType: elementType, shape: { dim } } } },
  });
}

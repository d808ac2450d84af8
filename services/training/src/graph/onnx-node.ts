import { onnx } from '@bascule/proto';
import { create } from '@bufbuild/protobuf';

const { AttributeProto_AttributeType: AttributeType } = onnx;
const utf8 = new TextEncoder();

/** Says once of each value what it becomes: a tree ensemble has a hundred thousand entries, and few that differ. */
function eachOnce<From, To>(values: readonly From[], of: (value: From) => To): To[] {
  const known = new Map<From, To>();
  return values.map((value) => {
    const made = known.get(value) ?? of(value);
    known.set(value, made);
    return made;
  });
}

/** Value of an attribute of an operator. */
export type Attribute =
  | { ints: readonly number[] }
  | { integer: number }
  | { float: number }
  | { floats: readonly number[] }
  | { text: string }
  | { strings: readonly string[] };

function attributeOf(name: string, value: Attribute): onnx.AttributeProto {
  const filled =
    'integer' in value
      ? { type: AttributeType.INT, i: BigInt(value.integer) }
      : 'float' in value
        ? { type: AttributeType.FLOAT, f: value.float }
        : 'floats' in value
          ? { type: AttributeType.FLOATS, floats: value.floats as number[] }
          : 'ints' in value
            ? { type: AttributeType.INTS, ints: eachOnce(value.ints, BigInt) }
            : 'text' in value
              ? { type: AttributeType.STRING, s: utf8.encode(value.text) }
              : { type: AttributeType.STRINGS, strings: eachOnce(value.strings, (text) => utf8.encode(text)) };
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

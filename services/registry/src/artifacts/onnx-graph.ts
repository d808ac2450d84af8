import type { TensorDatatype } from '@bascule/contracts';
import { onnx } from '@bascule/proto';
import { fromBinary } from '@bufbuild/protobuf';
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';

/** One input or output as the graph declares it; what the graph leaves open is absent. */
export interface GraphTensor {
  readonly name: string;
  /** Absent when the Open Inference Protocol has no such type, for example for a map. */
  readonly datatype?: TensorDatatype;
  /** -1 marks an axis of any length. */
  readonly shape?: readonly number[];
}
export interface OnnxGraph {
  readonly inputs: readonly GraphTensor[];
  readonly outputs: readonly GraphTensor[];
}

const { TensorProto_DataType: DataType } = onnx;
const datatypes = new Map<number, TensorDatatype>([
  [DataType.BOOL, 'BOOL'],
  [DataType.UINT8, 'UINT8'],
  [DataType.UINT16, 'UINT16'],
  [DataType.UINT32, 'UINT32'],
  [DataType.UINT64, 'UINT64'],
  [DataType.INT8, 'INT8'],
  [DataType.INT16, 'INT16'],
  [DataType.INT32, 'INT32'],
  [DataType.INT64, 'INT64'],
  [DataType.FLOAT16, 'FP16'],
  [DataType.FLOAT, 'FP32'],
  [DataType.DOUBLE, 'FP64'],
  [DataType.BFLOAT16, 'BF16'],
  [DataType.STRING, 'BYTES'],
]);

// field numbers of onnx.proto; weights are stepped over, decoding them would take many times their size
const modelGraph = 7;
const graphInitializer = 5;
const graphInput = 11;
const graphOutput = 12;
const tensorName = 8;

/** Inputs a client must send and outputs of a model file; undefined when its graph cannot be read. */
export function graphOf(file: Uint8Array): OnnxGraph | undefined {
  const inputs: GraphTensor[] = [];
  const outputs: GraphTensor[] = [];
  const initialised = new Set<string>();
  try {
    for (const graph of messagesOf(file, [modelGraph])) {
      for (const { field, bytes } of messagesOf(graph.bytes, [graphInitializer, graphInput, graphOutput])) {
        if (field === graphInput) inputs.push(tensorOf(bytes));
        else if (field === graphOutput) outputs.push(tensorOf(bytes));
        else for (const name of messagesOf(bytes, [tensorName])) initialised.add(Buffer.from(name.bytes).toString('utf8'));
      }
    }
  } catch {
    return undefined;
  }
  // older files list their weights as inputs too: they have a value already
  return { inputs: inputs.filter(({ name }) => !initialised.has(name)), outputs };
}

function* messagesOf(bytes: Uint8Array, wanted: readonly number[]): Generator<{ field: number; bytes: Uint8Array }> {
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    if (type === WireType.LengthDelimited && wanted.includes(field)) yield { field, bytes: reader.bytes() };
    else reader.skip(type, field);
  }
}

function tensorOf(bytes: Uint8Array): GraphTensor {
  const { name, type } = fromBinary(onnx.ValueInfoProtoSchema, bytes);
  if (type?.value.case !== 'tensorType') return { name };
  const { elemType, shape } = type.value.value;
  const datatype = datatypes.get(elemType);
  const sizes = shape?.dim.map(({ value }) => (value.case === 'dimValue' ? Number(value.value) : -1));
  return { name, ...(datatype ? { datatype } : {}), ...(sizes ? { shape: sizes } : {}) };
}

import { type TensorDatatype, tensorDatatype } from '@bascule/contracts';
import { inference } from '@bascule/proto';
import { create } from '@bufbuild/protobuf';
import { checkHeader, type InferenceRequest, type Parameters, type Parsed } from './inference-request.js';
import { elementCount, type Tensor } from './tensor.js';
import { bytesOf, dataFromBytes } from './tensor-bytes.js';
import { dataFromJson } from './tensor-json.js';

type Contents = inference.InferTensorContents;
type ContentField = Exclude<keyof Contents, '$typeName' | '$unknown'>;

const fields: Partial<Record<TensorDatatype, ContentField>> = {
  BOOL: 'boolContents',
  INT8: 'intContents',
  INT16: 'intContents',
  INT32: 'intContents',
  INT64: 'int64Contents',
  UINT8: 'uintContents',
  UINT16: 'uintContents',
  UINT32: 'uintContents',
  UINT64: 'uint64Contents',
  FP32: 'fp32Contents',
  FP64: 'fp64Contents',
  BYTES: 'bytesContents',
};
const decoder = new TextDecoder('utf-8', { fatal: true });

/** Reads a ModelInferRequest; each refusal names the input. */
export function requestFromGrpc(message: inference.ModelInferRequest): Parsed<InferenceRequest> {
  const raw = message.rawInputContents;
  if (message.inputs.length === 0) return refuse('inputs must have at least one tensor');
  if (raw.length > 0 && raw.length !== message.inputs.length) {
    return refuse(`raw_input_contents has ${raw.length} elements for ${message.inputs.length} inputs`);
  }
  const inputs: Tensor[] = [];
  for (const [position, input] of message.inputs.entries()) {
    const tensor = tensorFromGrpc(input, raw[position]);
    if (typeof tensor === 'string') return refuse(tensor);
    inputs.push(tensor);
  }
  const id = message.id === '' ? {} : { id: message.id };
  return {
    ok: true,
    value: { ...id, parameters: parametersFromGrpc(message.parameters), inputs, outputs: message.outputs.map(({ name }) => name) },
  };
}

function tensorFromGrpc(input: inference.ModelInferRequest_InferInputTensor, raw: Uint8Array | undefined): Tensor | string {
  const called = `input ${JSON.stringify(input.name)}`;
  const shape = input.shape.map(Number);
  const fault = checkHeader(called, input.datatype, shape);
  if (fault !== undefined) return fault;
  const datatype = tensorDatatype.parse(input.datatype);
  if (raw && input.contents) return `${called}: contents must be empty when raw_input_contents is used`;
  const count = elementCount(shape);
  const data = raw ? dataFromBytes(datatype, count, raw) : dataFromContents(datatype, shape, count, input.contents);
  return typeof data === 'string' ? `${called}: ${data}` : { name: input.name, datatype, shape, data };
}

function dataFromContents(datatype: TensorDatatype, shape: readonly number[], count: number, contents: Contents | undefined) {
  const field = fields[datatype];
  if (!field) return `${datatype} travels raw only`;
  const cells: unknown[] = contents?.[field] ?? [];
  if (field !== 'bytesContents') return dataFromJson(datatype, shape, count, cells);
  try {
    return dataFromJson(
      datatype,
      shape,
      count,
      cells.map((cell) => decoder.decode(cell as Uint8Array)),
    );
  } catch {
    return 'bytes_contents must be UTF-8';
  }
}

function parametersFromGrpc(parameters: Readonly<Record<string, inference.InferParameter>>): Parameters {
  const result: Record<string, string | number | boolean> = {};
  for (const [name, { parameterChoice }] of Object.entries(parameters)) {
    const { value } = parameterChoice;
    if (value !== undefined) result[name] = typeof value === 'bigint' ? value.toString() : value;
  }
  return result;
}

interface Answered {
  readonly modelName: string;
  readonly modelVersion: string;
  readonly id?: string;
  readonly predictionId: string;
  readonly outputs: readonly Tensor[];
}

/** Writes a ModelInferResponse; raw when the request was raw. */
export function answerToGrpc(answer: Answered, isRaw: boolean): inference.ModelInferResponse {
  const predictionId = create(inference.InferParameterSchema, { parameterChoice: { case: 'stringParam', value: answer.predictionId } });
  return create(inference.ModelInferResponseSchema, {
    modelName: answer.modelName,
    modelVersion: answer.modelVersion,
    id: answer.id ?? '',
    parameters: { prediction_id: predictionId },
    outputs: answer.outputs.map((tensor) => ({
      name: tensor.name,
      datatype: tensor.datatype,
      shape: tensor.shape.map(BigInt),
      ...(isRaw || !fields[tensor.datatype] ? {} : { contents: contentsOf(tensor) }),
    })),
    rawOutputContents: isRaw ? answer.outputs.map(({ data }) => bytesOf(data)) : [],
  });
}

function contentsOf({ datatype, data }: Tensor): Contents {
  const field = fields[datatype] as ContentField;
  const cells = Array.isArray(data)
    ? data.map((text) => new TextEncoder().encode(text))
    : Array.from<unknown, unknown>(data, (cell) => (datatype === 'BOOL' ? cell !== 0 : cell));
  return create(inference.InferTensorContentsSchema, { [field]: cells });
}

function refuse(reason: string): { ok: false; reason: string } {
  return { ok: false, reason };
}

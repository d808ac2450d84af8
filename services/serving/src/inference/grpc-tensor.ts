import { type TensorDatatype, tensorDatatype } from '@bascule/contracts';
import { inference } from '@bascule/proto';
import { create } from '@bufbuild/protobuf';
import { quoted } from './client-text.js';
import { countFault, headerFault, inferenceLimits, inputCalled, nameFault, type Parsed, refuse, refuseLimit } from './inference-limits.js';
import type { Parameters } from './inference-parameters.js';
import type { InferenceRequest } from './inference-request.js';
import { elementCount, type Tensor } from './tensor.js';
import { bytesOf, dataFromClientBytes, textFromBytes } from './tensor-bytes.js';
import { dataFromJson } from './tensor-json.js';
import { requireTextRoom } from './text-room.js';

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
const allRaw = { byDefault: true, named: new Map<string, boolean>() };
const contentFields = [...new Set(Object.values(fields))];
const cased = (field: ContentField) => field.replace('Contents', '_contents');

/** Reads a ModelInferRequest; each refusal names the input. */
export function requestFromGrpc(message: inference.ModelInferRequest): Parsed<InferenceRequest> {
  const raw = message.rawInputContents;
  if (message.inputs.length === 0) return refuse('inputs must have at least one tensor');
  const fault = countFault('inputs', message.inputs.length) ?? countFault('outputs', message.outputs.length);
  if (fault) return fault;
  if (raw.length > 0 && raw.length !== message.inputs.length) {
    return refuse(`raw_input_contents has ${raw.length} elements for ${message.inputs.length} inputs`);
  }
  const inputs: Tensor[] = [];
  for (const [position, input] of message.inputs.entries()) {
    const tensor = tensorFromGrpc(input, position, raw[position]);
    if (!tensor.ok) return tensor;
    inputs.push(tensor.value);
  }
  const outputs = outputsFromGrpc(message.outputs);
  if (!outputs.ok) return outputs;
  const parameters = parametersFromGrpc(message.parameters);
  if (!parameters.ok) return parameters;
  const id = message.id === '' ? {} : { id: message.id };
  const binary = raw.length > 0 ? { binaryOutputs: allRaw } : {};
  return { ok: true, value: { ...id, parameters: parameters.value, inputs, outputs: outputs.value, ...binary } };
}

function tensorFromGrpc(
  input: inference.ModelInferRequest_InferInputTensor,
  position: number,
  raw: Uint8Array | undefined,
): Parsed<Tensor> {
  const { name, contents } = input;
  const called = inputCalled(name);
  // one axis more than may be shows that there are too many
  const lengths = input.shape.slice(0, inferenceLimits.rank + 1);
  const fault = nameFault(`inputs[${position}]`, name) ?? headerFault(called, input.datatype, lengths.map(exactLength));
  if (fault) return fault;
  const shape = lengths.map(Number);
  const datatype = tensorDatatype.parse(input.datatype);
  if (raw && contents) return refuse(`${called}: contents must be empty when raw_input_contents is used`);
  const count = elementCount(shape);
  const data = raw ? dataFromClientBytes(datatype, count, raw) : dataFromContents(datatype, shape, count, contents);
  return typeof data === 'string' ? refuse(`${called}: ${data}`) : { ok: true, value: { name, datatype, shape, data } };
}

// a refusal names what was sent, also where a double would round it
function exactLength(length: bigint): bigint | number {
  const number = Number(length);
  return Number.isSafeInteger(number) ? number : length;
}

function dataFromContents(datatype: TensorDatatype, shape: readonly number[], count: number, contents: Contents | undefined) {
  const field = fields[datatype];
  if (!field) return `${datatype} travels in raw_input_contents only`;
  const other = contents && contentFields.find((candidate) => candidate !== field && contents[candidate].length > 0);
  if (other) return `${datatype} travels in ${cased(field)}, not in ${cased(other)}`;
  const cells: readonly unknown[] = contents?.[field] ?? [];
  return field === 'bytesContents' ? textsOf(cells as Uint8Array[], count) : dataFromJson(datatype, shape, count, cells);
}

function textsOf(cells: readonly Uint8Array[], count: number): string[] | string {
  if (cells.length !== count) return `bytes_contents has ${cells.length} elements, the shape needs ${count}`;
  const texts: string[] = [];
  for (const cell of cells) {
    const read = textFromBytes(cell);
    if ('fault' in read) return `element ${texts.length} ${read.fault}`;
    texts.push(read.text);
  }
  return texts;
}

function outputsFromGrpc(outputs: readonly inference.ModelInferRequest_InferRequestedOutputTensor[]): Parsed<string[]> {
  const names = new Set<string>();
  for (const [position, { name }] of outputs.entries()) {
    const fault = nameFault(`outputs[${position}]`, name);
    if (fault) return fault;
    if (names.has(name)) return refuse(`output ${quoted(name)} is asked for twice`);
    names.add(name);
  }
  return { ok: true, value: [...names] };
}

function parametersFromGrpc(parameters: Readonly<Record<string, inference.InferParameter>>): Parsed<Parameters> {
  const entries = Object.entries(parameters);
  if (entries.length > inferenceLimits.parameters) {
    return refuseLimit(`parameters has ${entries.length} entries, at most ${inferenceLimits.parameters} are taken`);
  }
  const result = Object.create(null) as Record<string, string | number | boolean>;
  for (const [name, { parameterChoice }] of entries) {
    const { value } = parameterChoice;
    if (value !== undefined) result[name] = typeof value === 'bigint' ? value.toString() : value;
  }
  return { ok: true, value: result };
}

interface Answered {
  readonly modelName: string;
  readonly modelVersion: string;
  readonly id?: string;
  readonly predictionId: string;
  readonly outputs: readonly Tensor[];
  readonly receipt?: string;
}

/** Writes a ModelInferResponse: raw when the request was raw, or when an output has no other form. */
export function answerToGrpc(answer: Answered, wasRaw: boolean): inference.ModelInferResponse {
  requireTextRoom(answer.outputs, wasRaw ? allRaw : undefined);
  const isRaw = wasRaw || answer.outputs.some(({ datatype }) => !fields[datatype]);
  const text = (value: string) => create(inference.InferParameterSchema, { parameterChoice: { case: 'stringParam', value } });
  return create(inference.ModelInferResponseSchema, {
    modelName: answer.modelName,
    modelVersion: answer.modelVersion,
    id: answer.id ?? '',
    parameters: { prediction_id: text(answer.predictionId), ...(answer.receipt === undefined ? {} : { receipt: text(answer.receipt) }) },
    outputs: answer.outputs.map((tensor) => ({
      name: tensor.name,
      datatype: tensor.datatype,
      shape: tensor.shape.map(BigInt),
      ...(isRaw ? {} : { contents: contentsOf(tensor) }),
    })),
    rawOutputContents: isRaw ? answer.outputs.map(({ data }) => bytesOf(data)) : [],
  });
}

function contentsOf({ datatype, data }: Tensor): Contents {
  const field = fields[datatype] as ContentField;
  const cells = Array.isArray(data)
    ? data.map((text) => Buffer.from(text))
    : Array.from<unknown, unknown>(data, (cell) => (datatype === 'BOOL' ? cell !== 0 : cell));
  return create(inference.InferTensorContentsSchema, { [field]: cells });
}

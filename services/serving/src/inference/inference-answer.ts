import type { BinaryOutputs } from './requested-outputs.js';
import type { Tensor } from './tensor.js';
import { bytesOf } from './tensor-bytes.js';
import { dataToJson, dataToText } from './tensor-to-json.js';

/** What an answer says. */
export interface Answered {
  readonly modelName: string;
  readonly modelVersion: string;
  readonly id?: string;
  readonly predictionId: string;
  readonly outputs: readonly Tensor[];
  readonly receipt?: string;
}

/** The REST body of an answer, put together by hand: building objects for the serialiser costs more than it does. */
export function inferenceJson({ modelName, modelVersion, id, predictionId, receipt, outputs }: Answered): string {
  let json = `{"model_name":${quotedName(modelName)},"model_version":${quotedName(modelVersion)}`;
  if (id !== undefined) json += `,"id":${JSON.stringify(id)}`;
  json += `,"parameters":{"prediction_id":${JSON.stringify(predictionId)}`;
  if (receipt !== undefined) json += `,"receipt":${JSON.stringify(receipt)}`;
  json += '},"outputs":[';
  for (let position = 0; position < outputs.length; position++) {
    const { name, datatype, shape, data } = outputs[position] as Tensor;
    json += `${position > 0 ? ',{' : '{'}"name":${quotedName(name)},"datatype":"${datatype}","shape":[`;
    for (let axis = 0; axis < shape.length; axis++) json += axis > 0 ? `,${shape[axis]}` : shape[axis];
    json += `],"data":${dataToText(datatype, data)}}`;
  }
  return `${json}]}`;
}

// the same few names again and again
const quotedNames = new Map<string, string>();
const maxQuoted = 1_000;
const longestKept = 200;

function quotedName(name: string): string {
  const known = quotedNames.get(name);
  if (known !== undefined) return known;
  const quoted = JSON.stringify(name);
  if (quotedNames.size < maxQuoted && name.length <= longestKept) quotedNames.set(name, quoted);
  return quoted;
}

/** The REST body of an answer with raw outputs: JSON of `headerLength` bytes, and the outputs behind it in their order. */
export function binaryInference(answer: Answered, { byDefault, named }: BinaryOutputs): { body: Buffer; headerLength: number } {
  const parts: Buffer[] = [];
  const outputs = answer.outputs.map((tensor) => {
    if (!(named.get(tensor.name) ?? byDefault)) return jsonOutput(tensor);
    const bytes = bytesOf(tensor.data);
    parts.push(bytes);
    const { name, datatype, shape } = tensor;
    return { name, datatype, shape, parameters: { binary_data_size: bytes.length } };
  });
  const json = Buffer.from(JSON.stringify({ ...headOf(answer), outputs }));
  return { body: Buffer.concat([json, ...parts]), headerLength: json.length };
}

function headOf({ modelName, modelVersion, id, predictionId, receipt }: Answered) {
  const names = { model_name: modelName, model_version: modelVersion };
  const parameters = { prediction_id: predictionId, ...(receipt === undefined ? {} : { receipt }) };
  return { ...names, ...(id === undefined ? {} : { id }), parameters };
}

function jsonOutput({ name, datatype, shape, data }: Tensor) {
  return { name, datatype, shape, data: dataToJson(datatype, data) };
}

import type { BinaryOutputs } from './requested-outputs.js';
import type { Tensor } from './tensor.js';
import { bytesOf } from './tensor-bytes.js';
import { dataToJson } from './tensor-to-json.js';

/** What an answer says. */
export interface Answered {
  readonly modelName: string;
  readonly modelVersion: string;
  readonly id?: string;
  readonly predictionId: string;
  readonly outputs: readonly Tensor[];
  readonly receipt?: string;
}

/** The REST body of an answer. */
export function inferenceJson(answer: Answered): string {
  return JSON.stringify({ ...headOf(answer), outputs: answer.outputs.map(jsonOutput) });
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

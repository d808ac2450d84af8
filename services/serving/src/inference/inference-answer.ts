import type { BinaryOutputs } from './requested-outputs.js';
import type { Tensor } from './tensor.js';
import { bytesOf } from './tensor-bytes.js';
import { dataToJson, dataToText, dataToTextInTurns, isLongAsText } from './tensor-to-json.js';

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
export function inferenceJson(answer: Answered): string {
  const { outputs } = answer;
  let json = textBefore(answer);
  for (let position = 0; position < outputs.length; position++) {
    const output = outputs[position] as Tensor;
    json += `${textBeforeData(output, position)}${dataToText(output.datatype, output.data)}}`;
  }
  return `${json}]}`;
}

/** The same in bytes for an answer that is long, written while others are answered; undefined when it is not. */
export function inferenceJsonInTurns(answer: Answered): Promise<Buffer> | undefined {
  return answer.outputs.some(({ data }) => isLongAsText(data)) ? writtenInTurns(answer) : undefined;
}

async function writtenInTurns(answer: Answered): Promise<Buffer> {
  const pieces: Buffer[] = [Buffer.from(textBefore(answer))];
  for (const [position, output] of answer.outputs.entries()) {
    pieces.push(Buffer.from(textBeforeData(output, position)));
    pieces.push(...(await dataToTextInTurns(output.datatype, output.data)), Buffer.from('}'));
  }
  return Buffer.concat([...pieces, Buffer.from(']}')]);
}

function textBefore({ modelName, modelVersion, id, predictionId, receipt }: Answered): string {
  let json = `{"model_name":${quotedName(modelName)},"model_version":${quotedName(modelVersion)}`;
  if (id !== undefined) json += `,"id":${JSON.stringify(id)}`;
  json += `,"parameters":{"prediction_id":${JSON.stringify(predictionId)}`;
  if (receipt !== undefined) json += `,"receipt":${JSON.stringify(receipt)}`;
  return `${json}},"outputs":[`;
}

function textBeforeData({ name, datatype, shape }: Tensor, position: number): string {
  let json = `${position > 0 ? ',{' : '{'}"name":${quotedName(name)},"datatype":"${datatype}","shape":[`;
  for (let axis = 0; axis < shape.length; axis++) json += axis > 0 ? `,${shape[axis]}` : shape[axis];
  return `${json}],"data":`;
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

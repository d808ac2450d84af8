import { type TensorDatatype, type TensorSpec, tensorDatatype } from '@bascule/contracts';
import { elementCount, fitsShape, type Tensor } from './tensor.js';
import { dataFromJson } from './tensor-json.js';

export type Parameters = Readonly<Record<string, string | number | boolean>>;

/** An inference as both protocols carry it, before it meets a model. */
export interface InferenceRequest {
  readonly id?: string;
  readonly parameters: Parameters;
  readonly inputs: readonly Tensor[];
  /** Names of the wanted outputs; empty for all. */
  readonly outputs: readonly string[];
}

export type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly reason: string };

const maxElements = 64_000_000;
const datatypes = new Set<string>(tensorDatatype.options);
const unsupported = new Set<string>(['BF16']);

/** Reads the REST body of an inference by hand: this is the hot path, and each refusal names the input. */
export function parseInference(body: unknown): Parsed<InferenceRequest> {
  if (!isRecord(body)) return refuse('the body must be a JSON object');
  if (body['id'] !== undefined && typeof body['id'] !== 'string') return refuse('id must be a string');
  const parameters = parametersOf(body['parameters'], 'parameters');
  if (!parameters.ok) return parameters;
  if (!Array.isArray(body['inputs']) || body['inputs'].length === 0) return refuse('inputs must be a list with at least one tensor');
  const inputs: Tensor[] = [];
  for (const [position, json] of body['inputs'].entries()) {
    const input = parseInput(json, position);
    if (!input.ok) return input;
    inputs.push(input.value);
  }
  const outputs = requestedOutputs(body['outputs']);
  if (!outputs.ok) return outputs;
  const id = body['id'] as string | undefined;
  return { ok: true, value: { ...(id === undefined ? {} : { id }), parameters: parameters.value, inputs, outputs: outputs.value } };
}

function parseInput(json: unknown, position: number): Parsed<Tensor> {
  if (!isRecord(json) || typeof json['name'] !== 'string') return refuse(`inputs[${position}] needs a name`);
  const { name, datatype, shape, data } = json;
  const called = `input ${JSON.stringify(name)}`;
  const header = checkHeader(called, datatype, shape);
  if (header !== undefined) return refuse(header);
  if (!Array.isArray(data)) return refuse(`${called}: data must be a list`);
  const axes = shape as number[];
  const values = dataFromJson(datatype as TensorDatatype, axes, elementCount(axes), data);
  if (typeof values === 'string') return refuse(`${called}: ${values}`);
  return { ok: true, value: { name, datatype: datatype as TensorDatatype, shape: axes, data: values } };
}

/** Checks datatype and shape of an input before anything is allocated for it; answers what is wrong. */
export function checkHeader(called: string, datatype: unknown, shape: unknown): string | undefined {
  if (typeof datatype !== 'string' || !datatypes.has(datatype)) return `${called}: datatype must be one of ${[...datatypes].join(', ')}`;
  if (unsupported.has(datatype)) return `${called}: the runtime does not support ${datatype}`;
  if (!Array.isArray(shape) || shape.length > 16 || !shape.every((axis) => Number.isSafeInteger(axis) && axis >= 0)) {
    return `${called}: shape must be a list of at most 16 lengths from 0`;
  }
  if (elementCount(shape) > maxElements) return `${called}: shape [${shape.join(', ')}] has more than ${maxElements} elements`;
  return undefined;
}

function requestedOutputs(json: unknown): Parsed<string[]> {
  if (json === undefined) return { ok: true, value: [] };
  if (!Array.isArray(json) || !json.every((output) => isRecord(output) && typeof output['name'] === 'string')) {
    return refuse('outputs must be a list of {name}');
  }
  return { ok: true, value: json.map((output) => output.name as string) };
}

function parametersOf(json: unknown, where: string): Parsed<Parameters> {
  if (json === undefined) return { ok: true, value: {} };
  if (!isRecord(json)) return refuse(`${where} must be an object`);
  for (const [name, value] of Object.entries(json)) {
    if (!['string', 'number', 'boolean'].includes(typeof value)) return refuse(`${where}.${name} must be a string, number or boolean`);
  }
  return { ok: true, value: json as Parameters };
}

/** Puts the inputs into the order of the model and checks each against its specification. */
export function matchInputs(inputs: readonly Tensor[], specs: readonly TensorSpec[]): Parsed<Tensor[]> {
  const byName = new Map(inputs.map((input) => [input.name, input]));
  if (byName.size !== inputs.length) return refuse('an input is given twice');
  const matched: Tensor[] = [];
  for (const spec of specs) {
    const called = `input ${JSON.stringify(spec.name)}`;
    const input = byName.get(spec.name);
    if (!input) return refuse(`${called} is missing`);
    if (input.datatype !== spec.datatype) return refuse(`${called} is ${input.datatype}, the model takes ${spec.datatype}`);
    if (!fitsShape(input.shape, spec.shape)) {
      return refuse(`${called} has shape [${input.shape.join(', ')}], the model takes [${spec.shape.join(', ')}]`);
    }
    matched.push(input);
    byName.delete(spec.name);
  }
  const [extra] = byName.keys();
  return extra === undefined ? { ok: true, value: matched } : refuse(`input ${JSON.stringify(extra)} is not one of the model`);
}

function refuse(reason: string): { ok: false; reason: string } {
  return { ok: false, reason };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

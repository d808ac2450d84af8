import type { TensorDatatype, TensorSpec } from '@bascule/contracts';
import { BinaryBody } from './binary-body.js';
import { countFault, headerFault, inputCalled, nameFault, type Parsed, refuse } from './inference-limits.js';
import { type Parameters, parametersOf } from './inference-parameters.js';
import { type BinaryOutputs, requestedOutputs } from './requested-outputs.js';
import { elementCount, fitsShape, type Tensor } from './tensor.js';
import { dataFromClientBytes } from './tensor-bytes.js';
import { dataFromJson } from './tensor-json.js';

export type { Parsed } from './inference-limits.js';
export type { Parameters } from './inference-parameters.js';

/** An inference as both protocols carry it, before it meets a model. */
export interface InferenceRequest {
  readonly id?: string;
  readonly parameters: Parameters;
  readonly inputs: readonly Tensor[];
  /** Names of the wanted outputs; empty for all. */
  readonly outputs: readonly string[];
  /** Outputs wanted as raw bytes; absent for none. */
  readonly binaryOutputs?: BinaryOutputs;
}

/** Reads the REST body of an inference by hand: this is the hot path, and each refusal names the input. */
export function parseInference(body: unknown): Parsed<InferenceRequest> {
  const binary = body instanceof BinaryBody ? body : undefined;
  const json = binary ? binary.json : body;
  if (!isRecord(json)) return refuse('the body must be a JSON object');
  if (json['id'] !== undefined && typeof json['id'] !== 'string') return refuse('id must be a string');
  const parameters = parametersOf(json['parameters'], 'parameters');
  if (!parameters.ok) return parameters;
  const inputs = parseInputs(json['inputs'], binary);
  if (!inputs.ok) return inputs;
  const outputs = requestedOutputs(json['outputs'], parameters.value);
  if (!outputs.ok) return outputs;
  const { names, binary: binaryOutputs } = outputs.value;
  const request: InferenceRequest = { parameters: parameters.value, inputs: inputs.value, outputs: names };
  const id = json['id'] as string | undefined;
  if (id === undefined && !binaryOutputs) return { ok: true, value: request };
  return { ok: true, value: { ...request, ...(id === undefined ? {} : { id }), ...(binaryOutputs ? { binaryOutputs } : {}) } };
}

function parseInputs(json: unknown, binary: BinaryBody | undefined): Parsed<Tensor[]> {
  if (!Array.isArray(json) || json.length === 0) return refuse('inputs must be a list with at least one tensor');
  const fault = countFault('inputs', json.length);
  if (fault) return fault;
  const inputs: Tensor[] = [];
  for (let position = 0; position < json.length; position++) {
    const input = parseInput(json[position], position, binary);
    if (!input.ok) return input;
    inputs.push(input.value);
  }
  if (!binary?.leftBytes) return { ok: true, value: inputs };
  const last = inputCalled(inputs.at(-1)?.name ?? '');
  return refuse(`${binary.leftBytes} bytes are left behind ${last}, the last one; each binary input needs its binary_data_size`);
}

function parseInput(json: unknown, position: number, binary: BinaryBody | undefined): Parsed<Tensor> {
  if (!isRecord(json) || typeof json['name'] !== 'string') return refuse(`inputs[${position}] needs a name`);
  const { name, datatype, shape } = json;
  const fault = nameFault(`inputs[${position}]`, name) ?? headerFault(inputCalled(name), datatype, shape);
  if (fault) return fault;
  const header = { name, datatype: datatype as TensorDatatype, shape: shape as number[] };
  const values = valuesOf(json, header, binary);
  if (typeof values === 'object' && 'ok' in values) return values;
  if (typeof values === 'string') return refuse(`${inputCalled(name)}: ${values}`);
  return { ok: true, value: { ...header, data: values } };
}

function valuesOf(json: Record<string, unknown>, { name, datatype, shape }: Omit<Tensor, 'data'>, binary: BinaryBody | undefined) {
  const { data } = json;
  const count = elementCount(shape);
  const parameters = json['parameters'] === undefined ? undefined : parametersOf(json['parameters'], `${inputCalled(name)}: parameters`);
  if (parameters && !parameters.ok) return parameters;
  const size = parameters?.value['binary_data_size'];
  if (size === undefined) return Array.isArray(data) ? dataFromJson(datatype, shape, count, data) : 'data must be a list';
  if (data !== undefined) return 'data must be left out when binary_data_size is given';
  if (!binary) return 'binary_data_size needs the header Inference-Header-Content-Length';
  const bytes = binary.take(inputCalled(name), size);
  return bytes.ok ? dataFromClientBytes(datatype, count, bytes.value) : bytes;
}

/** Puts the inputs into the order of the model and checks each against its specification. */
export function matchInputs(inputs: readonly Tensor[], specs: readonly TensorSpec[]): Parsed<readonly Tensor[]> {
  const isInOrder = inputs.length === specs.length && specs.every(({ name }, position) => inputs[position]?.name === name);
  const matched = isInOrder ? { ok: true as const, value: inputs } : inOrder(inputs, specs);
  if (!matched.ok) return matched;
  for (let position = 0; position < specs.length; position++) {
    const input = matched.value[position] as Tensor;
    const spec = specs[position] as TensorSpec;
    if (input.datatype !== spec.datatype) return refuse(`${inputCalled(spec.name)} is ${input.datatype}, the model takes ${spec.datatype}`);
    if (!fitsShape(input.shape, spec.shape)) {
      return refuse(`${inputCalled(spec.name)} has shape [${input.shape.join(', ')}], the model takes [${spec.shape.join(', ')}]`);
    }
  }
  return matched;
}

function inOrder(inputs: readonly Tensor[], specs: readonly TensorSpec[]): Parsed<readonly Tensor[]> {
  const byName = new Map<string, Tensor>();
  for (const input of inputs) {
    if (byName.has(input.name)) return refuse(`${inputCalled(input.name)} is given twice`);
    byName.set(input.name, input);
  }
  const missing = specs.find(({ name }) => !byName.has(name));
  if (missing) return refuse(`${inputCalled(missing.name)} is missing`);
  const known = new Set(specs.map(({ name }) => name));
  const extra = inputs.find(({ name }) => !known.has(name));
  if (extra) return refuse(`${inputCalled(extra.name)} is not one of the model`);
  return { ok: true, value: specs.map(({ name }) => byName.get(name) as Tensor) };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

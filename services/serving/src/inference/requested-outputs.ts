import { quoted } from './client-text.js';
import { countFault, nameFault, type Parsed, refuse } from './inference-limits.js';
import { type Parameters, parametersOf } from './inference-parameters.js';

/** Which outputs a request wants, and which of them as raw bytes. */
export interface RequestedOutputs {
  /** Empty for all. */
  readonly names: readonly string[];
  /** Absent when all are wanted as JSON. */
  readonly binary?: BinaryOutputs;
}

/** The choice between raw bytes and JSON: for single outputs, and for those not named. */
export interface BinaryOutputs {
  readonly byDefault: boolean;
  readonly named: ReadonlyMap<string, boolean>;
}

const none: RequestedOutputs = { names: [] };

/** Reads `outputs` and the request parameter `binary_data_output`. */
export function requestedOutputs(json: unknown, parameters: Parameters): Parsed<RequestedOutputs> {
  const byDefault = parameters['binary_data_output'];
  if (byDefault !== undefined && typeof byDefault !== 'boolean') return refuse('parameters.binary_data_output must be true or false');
  if (json === undefined) return { ok: true, value: byDefault ? { names: [], binary: { byDefault, named: new Map() } } : none };
  if (!Array.isArray(json)) return refuse('outputs must be a list of {name}');
  const fault = countFault('outputs', json.length);
  if (fault) return fault;
  const names = new Set<string>();
  const named = new Map<string, boolean>();
  for (const [position, output] of (json as unknown[]).entries()) {
    const { name, parameters: own } = (output ?? {}) as { name?: unknown; parameters?: unknown };
    if (typeof name !== 'string') return refuse(`outputs[${position}] needs a name`);
    const choice = binaryChoice(`outputs[${position}]`, name, own);
    if (!choice.ok) return choice;
    if (names.has(name)) return refuse(`output ${quoted(name)} is asked for twice`);
    names.add(name);
    if (choice.value !== undefined) named.set(name, choice.value);
  }
  const isBinary = byDefault === true || named.size > 0;
  return { ok: true, value: { names: [...names], ...(isBinary ? { binary: { byDefault: byDefault === true, named } } : {}) } };
}

function binaryChoice(where: string, name: string, json: unknown): Parsed<boolean | undefined> {
  const fault = nameFault(where, name);
  if (fault) return fault;
  if (json === undefined) return { ok: true, value: undefined };
  const parameters = parametersOf(json, `output ${quoted(name)}: parameters`);
  if (!parameters.ok) return parameters;
  const { binary_data: isBinary, classification } = parameters.value;
  if (classification !== undefined) return refuse(`output ${quoted(name)}: the extension classification is not spoken here`);
  if (isBinary !== undefined && typeof isBinary !== 'boolean') {
    return refuse(`output ${quoted(name)}: binary_data must be true or false`);
  }
  return { ok: true, value: isBinary };
}

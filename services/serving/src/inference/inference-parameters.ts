import { quoted } from './client-text.js';
import { inferenceLimits, type Parsed, refuse, refuseLimit } from './inference-limits.js';

/** Parameters of a request, an input or an output; integers that a double cannot hold are text. */
export type Parameters = Readonly<Record<string, string | number | boolean>>;

const none: Parameters = Object.freeze({});
const scalars = new Set(['string', 'number', 'boolean', 'bigint']);

/** Reads parameters from JSON; `where` names them in a refusal. */
export function parametersOf(json: unknown, where: string): Parsed<Parameters> {
  if (json === undefined) return { ok: true, value: none };
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return refuse(`${where} must be an object`);
  const names = Object.keys(json);
  if (names.length > inferenceLimits.parameters) {
    return refuseLimit(`${where} has ${names.length} entries, at most ${inferenceLimits.parameters} are taken`);
  }
  const entries = json as Record<string, unknown>;
  const result = Object.create(null) as Record<string, string | number | boolean>;
  for (const name of names) {
    const value = entries[name];
    if (!scalars.has(typeof value)) return refuse(`${where}.${quoted(name)} must be a string, number or boolean`);
    result[name] = typeof value === 'bigint' ? value.toString() : (value as string | number | boolean);
  }
  return { ok: true, value: result };
}

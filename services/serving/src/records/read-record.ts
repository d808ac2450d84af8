import { idFault, isPlausibleTime } from '../inference/client-text.js';
import { instantMs } from '../inference/record-parameters.js';
import type { RecordFault } from './read-features.js';

/** What a record says besides its features. */
export interface RecordHead {
  /** Empty when the client gave none. */
  readonly id: string;
  readonly occurredAtMs: number;
  readonly routingKey?: string;
  readonly features: unknown;
}

export type ReadHead = { readonly head: RecordHead } | { readonly head?: undefined; readonly id?: string; readonly faults: RecordFault[] };

const fields = new Set(['id', 'occurredAt', 'routingKey', 'features']);

/** Reads id, time and routing key of one record, or says everything that is wrong with them. */
export function readHead(json: unknown, receivedAtMs: number): ReadHead {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    return { faults: [{ path: '', reason: 'wrong_type', message: 'a record must be an object' }] };
  }
  const record = json as Record<string, unknown>;
  const faults: RecordFault[] = [];
  const id = textOf(record, 'id', faults);
  const routingKey = textOf(record, 'routingKey', faults);
  const occurredAtMs = timeOf(record['occurredAt'], receivedAtMs, faults);
  if (!Object.hasOwn(record, 'features')) faults.push({ path: 'features', reason: 'missing_feature', message: 'a record needs features' });
  // a misspelt occurredAt would otherwise be lost without a word
  for (const name of Object.keys(record)) {
    if (!fields.has(name))
      faults.push({ path: name.slice(0, 100), reason: 'unknown_field', message: `a record has ${[...fields].join(', ')}` });
  }
  if (faults.length > 0) return { faults, ...(id === undefined ? {} : { id }) };
  return { head: { id: id ?? '', occurredAtMs, features: record['features'], ...(routingKey === undefined ? {} : { routingKey }) } };
}

function textOf(record: Record<string, unknown>, name: 'id' | 'routingKey', faults: RecordFault[]): string | undefined {
  const value = record[name];
  if (value === undefined || value === null) return undefined;
  const isId = typeof value === 'string' || typeof value === 'bigint' || Number.isSafeInteger(value);
  if (!isId) {
    faults.push({ path: name, reason: 'invalid_id', message: `${name} must be text or an integer` });
    return undefined;
  }
  const text = String(value);
  const fault = idFault(name, text);
  if (fault === undefined) return text;
  faults.push({ path: name, reason: 'invalid_id', message: fault });
  return undefined;
}

function timeOf(value: unknown, receivedAtMs: number, faults: RecordFault[]): number {
  if (value === undefined || value === null) return receivedAtMs;
  const time = typeof value === 'string' ? instantMs(value) : Number.NaN;
  if (Number.isNaN(time)) {
    const message = 'occurredAt must be ISO 8601 with a time zone, for example 2002-03-01T12:00:00Z';
    faults.push({ path: 'occurredAt', reason: 'unparsable_time', message });
  } else if (!isPlausibleTime(time, receivedAtMs)) {
    const message = 'occurredAt must lie between 1900 and one day from now: windows are cut by it';
    faults.push({ path: 'occurredAt', reason: 'out_of_range', message });
  }
  return time;
}

import type { EventEnvelope } from '@bascule/contracts';
import { decodeHeaderValue } from './header-value.js';

/** A message that no number of tries will make readable. */
export class MalformedMessage extends Error {
  override readonly name = 'MalformedMessage';
}

/** Header values by name, as they came. */
export type HeaderRecord = Readonly<Record<string, string>>;

export interface ParsedMessage {
  readonly envelope: Omit<EventEnvelope<unknown>, 'data'>;
  readonly bytes: Uint8Array;
}

/**
 * Reads a CloudEvents message in binary or structured mode.
 * @throws MalformedMessage
 */
export function parseMessage(headers: HeaderRecord, payload: Uint8Array): ParsedMessage {
  const lowered = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  const isStructured = (lowered['content-type'] ?? '').toLowerCase().startsWith('application/cloudevents');
  return isStructured ? parseStructured(payload) : { envelope: envelopeOf(binaryAttributes(lowered)), bytes: payload };
}

/**
 * Parses the data of a JSON event.
 * @throws MalformedMessage
 */
export function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw new MalformedMessage(`payload is not JSON: ${(error as Error).message}`);
  }
}

function binaryAttributes(headers: HeaderRecord): Record<string, unknown> {
  const attributes: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (!name.startsWith('ce-')) continue;
    try {
      attributes[name.slice(3)] = decodeHeaderValue(value);
    } catch {
      throw new MalformedMessage(`header ${name} is not UTF-8`);
    }
  }
  return attributes;
}

function parseStructured(payload: Uint8Array): ParsedMessage {
  const event = parseJson(payload);
  if (typeof event !== 'object' || event === null || Array.isArray(event))
    throw new MalformedMessage('payload is not a CloudEvents object');
  const { data, data_base64: base64, ...attributes } = event as Record<string, unknown>;
  const bytes = typeof base64 === 'string' ? Buffer.from(base64, 'base64') : Buffer.from(JSON.stringify(data ?? null));
  return { envelope: envelopeOf(attributes), bytes };
}

function envelopeOf(attributes: Record<string, unknown>): Omit<EventEnvelope<unknown>, 'data'> {
  const find = (name: string): string | undefined => {
    const value = attributes[name];
    if (value === undefined || value === null || value === '') return undefined;
    if (typeof value !== 'string' && typeof value !== 'number') throw new MalformedMessage(`attribute ${name} is not text`);
    return String(value);
  };
  const get = (name: string): string => {
    const value = find(name);
    if (value === undefined) throw new MalformedMessage(`attribute ${name} is missing`);
    return value;
  };
  if (get('specversion') !== '1.0') throw new MalformedMessage(`specversion ${find('specversion')} is not 1.0`);
  const id = get('id');
  const version = find('entityversion');
  if (version !== undefined && !/^\d{1,15}$/.test(version)) throw new MalformedMessage('attribute entityversion is not a number');
  const time = find('time') ?? new Date(0).toISOString();
  if (Number.isNaN(Date.parse(time))) throw new MalformedMessage('attribute time is not a time');
  const causationid = find('causationid');
  const traceparent = find('traceparent');
  return {
    id,
    type: get('type'),
    source: get('source'),
    time,
    subject: find('subject') ?? '',
    correlationid: find('correlationid') ?? id,
    ...(causationid === undefined ? {} : { causationid }),
    ...(version === undefined ? {} : { entityversion: Number(version) }),
    ...(traceparent === undefined ? {} : { traceparent }),
  };
}

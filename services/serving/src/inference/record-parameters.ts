import { idFault, isPlausibleTime } from './client-text.js';
import type { Parameters, Parsed } from './inference-request.js';

/** What the client says about each row, besides the tensors. */
export interface RecordParameters {
  /** Empty strings when the client gave none. */
  readonly clientRecordIds: readonly string[];
  readonly occurredAtMs: readonly number[];
  readonly routingKey?: string;
}

const instantPattern = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})$/;

/** Reads `client_record_id`, `occurred_at` and `routing_key`; with several rows the first two are comma-joined, one per row. */
export function recordParametersOf(parameters: Parameters, rows: number, receivedAtMs: number): Parsed<RecordParameters> {
  if (rows === 1 && isSilent(parameters)) return { ok: true, value: { clientRecordIds: noIds, occurredAtMs: [receivedAtMs] } };
  const ids = perRow(parameters['client_record_id'], rows);
  if (!ids) return refuse(`parameters.client_record_id must name ${rows} records, separated by commas`);
  const routingKey = parameters['routing_key'] === undefined ? undefined : String(parameters['routing_key']);
  // a row that nobody can store must not be answered
  for (const id of ids) {
    const fault = idFault('parameters.client_record_id', id);
    if (fault) return refuse(fault);
  }
  const fault = routingKey === undefined ? undefined : idFault('parameters.routing_key', routingKey);
  if (fault) return refuse(fault);
  const sent = parameters['occurred_at'];
  const times = typeof sent === 'string' && !sent.includes(',') ? new Array<string>(rows).fill(sent) : perRow(sent, rows);
  if (!times) return refuse(`parameters.occurred_at must be one time or ${rows}, separated by commas`);
  const occurredAtMs = times.map((time) => (time === '' ? receivedAtMs : instantMs(time)));
  if (occurredAtMs.some(Number.isNaN))
    return refuse('parameters.occurred_at must be ISO 8601 with a time zone, for example 2002-03-01T12:00:00Z');
  if (!occurredAtMs.every((time) => isPlausibleTime(time, receivedAtMs)))
    return refuse('parameters.occurred_at must lie between 1900 and one day from now: windows are cut by it');
  return { ok: true, value: { clientRecordIds: ids, occurredAtMs, ...(routingKey === undefined ? {} : { routingKey }) } };
}

const noIds: readonly string[] = [''];

function isSilent(parameters: Parameters): boolean {
  return parameters['client_record_id'] === undefined && parameters['occurred_at'] === undefined && parameters['routing_key'] === undefined;
}

/** Milliseconds since 1970 of an ISO 8601 time with a zone; NaN for anything else. */
export function instantMs(text: string): number {
  if (!instantPattern.test(text)) return Number.NaN;
  const [year = 0, month = 0, day = 0] = text.slice(0, 10).split('-').map(Number);
  // the engine would take the 30th of February for the 1st or 2nd of March
  const isDay = new Date(Date.UTC(year, month - 1, day)).getUTCDate() === day;
  return isDay ? Date.parse(text) : Number.NaN;
}

function perRow(value: string | number | boolean | undefined, rows: number): string[] | undefined {
  if (value === undefined) return new Array<string>(rows).fill('');
  const text = String(value);
  if (rows === 1) return [text];
  const parts = text.split(',').map((part) => part.trim());
  return parts.length === rows ? parts : undefined;
}

function refuse(reason: string): { ok: false; reason: string } {
  return { ok: false, reason };
}

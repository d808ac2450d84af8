import { idFault, isPlausibleTime } from '../inference/client-text.js';

const timeText = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)\s?(Z|[+-]\d{2}:?\d{2})?)?$/i;

/** The client's own id of a record as text, empty when it has none; or what is wrong with it. */
export function recordIdOf(value: unknown): { id: string } | { fault: string } {
  if (value === null || value === undefined) return { id: '' };
  if (value instanceof Date) return { id: value.toISOString() };
  if (typeof value === 'object') return { fault: 'the record id is neither text nor a number' };
  const id = String(value);
  const fault = idFault('the record id', id);
  return fault === undefined ? { id } : { fault };
}

/** When a record occurred, in milliseconds; undefined when it does not say. A time without a zone counts as UTC. */
export function occurredAtOf(value: unknown, nowMs: number): { at: number | null } | { fault: string } {
  if (value === null || value === undefined || value === '') return { at: null };
  const at = millisecondsOf(value);
  if (Number.isNaN(at)) return { fault: `the time of the record is not ISO 8601: ${JSON.stringify(String(value).slice(0, 40))}` };
  return isPlausibleTime(at, nowMs) ? { at } : { fault: 'the time of the record lies before 1900 or in the future' };
}

function millisecondsOf(value: unknown): number {
  if (value instanceof Date) return value.getTime();
  if (typeof value === 'number') return Math.round(value);
  if (typeof value === 'bigint') return Number(value);
  const [, day, time = '00:00', zone = 'Z'] = timeText.exec(String(value).trim()) ?? [];
  return day === undefined ? Number.NaN : Date.parse(`${day}T${time}${zone.toUpperCase()}`);
}

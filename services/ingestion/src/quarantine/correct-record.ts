import { mendOf } from '../repairs/mend-text.js';
import { AmbiguousText } from '../repairs/read-date.js';
import type { ResubmitBody } from './quarantine.schema.js';

/** A record to be sent again, and whether it was changed. */
export interface Correction {
  readonly record: Record<string, unknown>;
  readonly isCorrected: boolean;
}

/**
 * Corrects a quarantined record: by the one given in its place, then by the rules. Undefined where the record
 * could not be read and none is given in its place.
 */
export function correctRecord(
  row: number,
  kept: unknown,
  isUnreadable: boolean,
  { records, set, mapValues, repairs }: ResubmitBody,
): Correction | undefined {
  const given = records.find((each) => each.row === row)?.record;
  if (!given && (isUnreadable || typeof kept !== 'object' || kept === null)) return undefined;
  const before = given ?? (kept as Record<string, unknown>);
  // fromEntries makes own fields, whatever they are called
  const record = Object.fromEntries(
    Object.entries(before).map(([field, value]) => [field, repaired(repairs, field, mapped(mapValues, field, value))]),
  );
  for (const [field, value] of Object.entries(set))
    Object.defineProperty(record, field, { value, enumerable: true, configurable: true, writable: true });
  return { record, isCorrected: JSON.stringify(record) !== JSON.stringify(kept) };
}

function mapped(mapValues: ResubmitBody['mapValues'], field: string, value: unknown): unknown {
  const texts = Object.hasOwn(mapValues, field) ? mapValues[field]! : {};
  const text = typeof value === 'string' ? value : undefined;
  return text !== undefined && Object.hasOwn(texts, text) ? texts[text] : value;
}

function repaired(repairs: ResubmitBody['repairs'], field: string, value: unknown): unknown {
  const settings = Object.hasOwn(repairs, field) ? repairs[field] : undefined;
  if (!settings || typeof value !== 'string') return value;
  const type = settings.amount ? 'number' : settings.dateFormats ? 'timestamp' : 'string';
  const mended = mendOf({ type, missing: new Set(), repairs: settings }, 0)!(value, undefined);
  return mended instanceof AmbiguousText ? value : mended;
}

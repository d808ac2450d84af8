import type { Row } from '@bascule/tables';
import { storageFault } from '../storable-text.js';
import type { ColumnRule } from '../validation/column-rule.js';
import { type Reason, shown } from '../validation/reason.js';
import { type ParsedRow, rawRecord } from './parsed-row.js';

const prototypeKeys = ['__proto__', 'constructor', 'prototype'];

/** Makes parsed rows of JSON objects. Fields go by the name of the column or by the name it is sent under. */
export function jsonParser(rules: readonly ColumnRule[], unknownColumns: 'ignore' | 'reject'): (source: Row) => ParsedRow {
  const known = unknownColumns === 'reject' ? new Set(rules.flatMap(({ name, header }) => [name, header])) : undefined;
  const isKnown = new Set(rules.flatMap(({ name, header }) => [name, header]));
  return (source) => {
    const { number: row, line, raw, length, record } = source;
    const facts = { row, line, raw, length };
    if (!record) {
      const message = source.fault?.message ?? 'the record cannot be read';
      return { ...facts, cells: [], record: rawRecord(raw), fault: { code: 'unparsable_row', message } };
    }
    const fault = mayHide(raw) ? faultOf(record) : undefined;
    if (fault?.code === 'unparsable_row') return { ...facts, cells: [], record: rawRecord(raw), fault };
    const trouble = fault ?? (known && unknownField(record, known));
    if (trouble) return { ...facts, cells: [], record, fault: trouble };
    const prototypeKey = prototypeKeys.find((name) => Object.hasOwn(record, name) && !isKnown.has(name));
    return { ...facts, record, prototypeKey, cells: rules.map(({ name, header }) => own(record, header) ?? own(record, name)) };
  };
}

// only an escape can stand for U+0000 or half a pair, and only a long text is deep
function mayHide(raw: string): boolean {
  return raw.length > 400 || raw.includes('\\u');
}

function faultOf(record: object): Reason | undefined {
  const fault = storageFault(record);
  if (!fault) return undefined;
  if (fault.kind === 'too_deep') return { code: 'unparsable_row', message: `the record ${fault.message}` };
  if (fault.path[0] === undefined) return { code: fault.kind, message: `the record ${fault.message}` };
  const field = String(fault.path[0]).slice(0, 200);
  return { code: fault.kind, field, message: `${shown(field)} ${fault.message}` };
}

function unknownField(record: object, known: ReadonlySet<string>): Reason | undefined {
  const extra = Object.keys(record).find((name) => !known.has(name));
  if (extra === undefined) return undefined;
  return { code: 'unknown_column', field: extra.slice(0, 200), message: `the contract does not know the field ${shown(extra)}` };
}

// own fields only: a column may be called "constructor"
function own(record: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

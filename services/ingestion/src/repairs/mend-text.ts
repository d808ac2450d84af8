import type { DatasetColumn } from '@bascule/contracts';
import { readNumber, readTimestamp } from '../validation/read-value.js';
import { amountReader } from './read-amount.js';
import { AmbiguousText, dateReader } from './read-date.js';
import type { RepairKind, RepairSettings } from './repairs.schema.js';

/** One repair of one cell: enough to take it back. */
export interface Repair {
  readonly column: number;
  readonly kinds: readonly RepairKind[];
  readonly from: string;
  readonly to: string | number | boolean | null;
}

/** A cell as it is checked in place of the text that was sent. */
export type Mended = string | number | boolean | AmbiguousText;
/** Repairs a text as declared, and notes what it did. */
export type Mend = (text: string, repairs: Repair[] | undefined) => Mended;

interface MendableColumn {
  readonly type: DatasetColumn['type'];
  readonly missing: ReadonlySet<string>;
  readonly repairs?: RepairSettings | undefined;
}

/** The repairs of a column as one function; undefined where nothing is declared. Null tokens count, so a column that has some has one. */
export function mendOf(column: MendableColumn, at: number): Mend | undefined {
  const { type, missing, repairs } = column;
  if (!repairs && missing.size === 0) return undefined;
  const replace = new Map(Object.entries(repairs?.replace ?? {}));
  const readAmount = repairs?.amount && (type === 'number' || type === 'integer') ? amountReader(repairs.amount) : undefined;
  const hasComma = repairs?.amount?.decimal === ',';
  const readDate = repairs?.dateFormats && type === 'timestamp' ? dateReader(repairs.dateFormats) : undefined;
  const { trim = false, spaces = false, nfc = false } = repairs ?? {};

  return (sent, log) => {
    let kinds: RepairKind[] | undefined;
    let value: Mended = sent;
    const become = (kind: RepairKind, next: Mended) => {
      if (next === value) return;
      kinds ??= [];
      kinds.push(kind);
      value = next;
    };
    if (nfc) become('nfc', sent.normalize('NFC'));
    if (trim) become('trim', (value as string).trim());
    if (spaces) become('spaces', (value as string).replace(/\s+/gu, ' '));
    const text = value as string;
    if (missing.has(text)) become('null_token', '');
    else if (replace.has(text)) become('replace', replace.get(text)!);
    else if (text !== '' && readAmount && (hasComma || !Number.isFinite(readNumber(text)))) {
      const read = readAmount(text);
      if (!read && hasComma && text.includes('.') && Number.isFinite(readNumber(text))) {
        // a decimal point where a comma is declared: 12.5 among 1.234,5
        value = new AmbiguousText(text, [`${readNumber(text)} with a decimal point`, 'no number with a decimal comma']);
      } else if (read && (read.kinds.length > 0 || !Number.isFinite(readNumber(text)))) {
        // spaces around a plain number are all there was
        kinds = [...(kinds ?? []), ...(read.kinds.length > 0 ? read.kinds : (['trim'] as const))];
        value = read.value;
      }
    } else if (text !== '' && readDate && Number.isNaN(readTimestamp(text))) become('date_format', readDate(text) ?? text);
    if (kinds && log && !((value as Mended) instanceof AmbiguousText))
      log.push({ column: at, kinds, from: sent, to: value === '' ? null : (value as string | number | boolean) });
    return value;
  };
}

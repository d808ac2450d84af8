import { hash } from 'node:crypto';
import type { CellValue, ColumnRule } from './column-rule.js';
import type { Reason } from './reason.js';
import { shown } from './reason.js';

/** Columns whose values together may occur once in a dataset. */
export interface Uniqueness {
  readonly code: 'duplicate_key' | 'duplicate_row';
  readonly columns: readonly number[];
  /** The names of the columns: tells the digests of different rules apart. */
  readonly subject: string;
}

const digestHexLength = 32;

/**
 * The digest that stands for a record under a uniqueness rule, 128 bits as hex.
 * Undefined for a key with a missing part: missing keys are not equal to one another.
 */
export function uniquenessDigest(rule: Uniqueness, values: readonly CellValue[]): string | undefined {
  const parts = rule.columns.map((column) => values[column] ?? null);
  if (rule.code === 'duplicate_key' && parts.includes(null)) return undefined;
  return hash('sha256', rule.subject + JSON.stringify(parts), 'hex').slice(0, digestHexLength);
}

/** Says which rule a record repeats, naming columns and, for a key, its values. */
export function duplicateReason(rule: Uniqueness, columns: readonly ColumnRule[], values: readonly CellValue[]): Reason {
  const names = rule.columns.map((column) => columns[column]!.name);
  if (rule.code === 'duplicate_row') return { code: rule.code, message: `another record has the same ${names.join(', ')}` };
  const pairs = rule.columns.map((column, i) => `${names[i]} ${shown(values[column])}`);
  return { code: rule.code, field: names.join(','), message: `another record has the ${pairs.join(', ')}` };
}

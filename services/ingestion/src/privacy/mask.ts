import type { ColumnRule } from '../validation/column-rule.js';
import type { Reason } from '../validation/reason.js';

/** Stands where a personal value was. */
export const masked = '[masked]';

type Named = Pick<ColumnRule, 'name' | 'header' | 'isPersonal'>;
interface Shown {
  readonly record: unknown;
  readonly raw: string | null;
  readonly reasons: readonly Reason[];
}

/** A refused record as people may see it: without the values of personal columns, without the text that holds them, without reasons that quote them. */
export function maskedRecord<T extends Shown>(shown: T, rules: readonly Named[]): T {
  const personal = rules.filter(({ isPersonal }) => isPersonal);
  if (personal.length === 0) return shown;
  const names = new Set(personal.flatMap(({ name, header }) => [name, header]));
  const open = new Set(rules.flatMap(({ name, header }) => (names.has(name) || names.has(header) ? [] : [name, header])));
  return {
    ...shown,
    record: maskedFields(shown.record, open),
    raw: shown.raw === null ? null : masked,
    reasons: shown.reasons.map((reason) => maskedReason(reason, names)),
  };
}

/** Beside the personal fields those that the contract does not know: nobody said that they are not. */
function maskedFields(record: unknown, open: ReadonlySet<string>): unknown {
  if (typeof record !== 'object' || record === null || Array.isArray(record)) return masked;
  const fields = Object.entries(record);
  // a record that could not be read is its text
  if (fields.length === 1 && fields[0]![0] === 'raw') return { raw: masked };
  return Object.fromEntries(
    fields.map(([name, value]) => [name, open.has(name.trim()) || value === null || value === '' ? value : masked]),
  );
}

/** A reason without the value it quotes. */
export function maskedReason<T extends Pick<Reason, 'code' | 'message'> & Partial<Reason>>(reason: T, names: ReadonlySet<string>): T {
  const { field } = reason;
  // what is wrong with a text that cannot be read is said with a piece of it
  if (reason.code === 'unparsable_row') return { ...reason, message: reason.message.replace(/["'`].*$/s, masked) } as T;
  if (field === undefined || !field.split(',').some((name) => names.has(name))) return reason;
  const { value: _, ...rest } = reason;
  return { ...rest, message: `${field} is ${masked}: ${reason.code.replaceAll('_', ' ')}` } as T;
}

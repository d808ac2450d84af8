import { AmbiguousText } from '../repairs/read-date.js';
import type { CellValue, ColumnRule } from './column-rule.js';
import { columnsOf, type NamedCondition } from './condition.js';
import { type Reason, type ReasonCode, shown } from './reason.js';

const mostListed = 20;

/** The reason for which a cell is not accepted. */
export function failure(code: ReasonCode, column: ColumnRule, cell: unknown): Reason {
  const { name: field } = column;
  if (cell instanceof AmbiguousText) {
    const readings = cell.readings.join(' or ');
    const message = `${field} is ${shown(cell.text)}, which may mean ${readings}`;
    return { code: 'ambiguous_value', field, message, value: shown(cell.text), expectation: 'one meaning under the declared formats' };
  }
  const expectation = expectationText(code, column);
  if (code === 'missing_required') return { code, field, message: `${field} is missing`, expectation };
  return { code, field, message: `${field} is ${shown(cell)}, ${faultText(code, column)}`, value: shown(cell), expectation };
}

/** Notes that a record misses a condition, unless a field of the condition has a fault of its own: that one says enough. */
export function addConditionFailure(
  named: NamedCondition,
  rules: readonly ColumnRule[],
  values: readonly CellValue[],
  reasons: Reason[],
): void {
  const columns = columnsOf(named.condition);
  if (!reasons.some(({ field }) => field !== undefined && columns.includes(field))) reasons.push(conditionFailure(named, rules, values));
}

function conditionFailure({ name, condition }: NamedCondition, rules: readonly ColumnRule[], values: readonly CellValue[]): Reason {
  const columns = columnsOf(condition);
  const pairs = columns.map((column) => {
    const at = rules.findIndex((rule) => rule.name === column);
    const value = values[at] ?? null;
    return `${column} ${rules[at]?.type === 'timestamp' ? shownTime(value) : shown(value)}`;
  });
  const value = pairs.join(', ');
  return { code: 'condition_failed', field: columns.join(','), message: `${value} miss the condition: ${name}`, value, expectation: name };
}

function faultText(code: ReasonCode, column: ColumnRule): string {
  switch (code) {
    case 'wrong_type':
      return column.type === 'timestamp' ? 'which is no date or time' : `which is no ${column.type}`;
    case 'not_allowed_value':
      return 'which is not among the allowed values';
    case 'out_of_range':
      return `which is not ${rangeText(column)}`;
    case 'pattern':
      return `which does not match ${column.pattern?.source}`;
    case 'wrong_length':
      return `whose length is not within ${column.minLength ?? 0} and ${column.maxLength ?? 'any'}`;
    default:
      return 'which is refused';
  }
}

function expectationText(code: ReasonCode, column: ColumnRule): string {
  switch (code) {
    case 'missing_required':
      return 'a value';
    case 'wrong_type':
      return column.type === 'integer' ? 'an integer' : column.type === 'timestamp' ? 'a date or time' : `a ${column.type}`;
    case 'not_allowed_value':
      return listed([...(column.allowed ?? column.map?.keys() ?? [])]);
    case 'out_of_range':
      return rangeText(column);
    case 'pattern':
      return `matches ${column.pattern?.source}`;
    case 'wrong_length':
      return `${column.minLength ?? 0} to ${column.maxLength ?? 'any number of'} characters`;
    default:
      return 'another value';
  }
}

function listed(values: readonly unknown[]): string {
  const head = values
    .slice(0, mostListed)
    .map((value) => shown(value))
    .join(', ');
  return values.length > mostListed ? `one of ${head} and ${values.length - mostListed} more` : `one of ${head}`;
}

function rangeText({ type, minimum, maximum, exclusiveMinimum, exclusiveMaximum }: ColumnRule): string {
  const text = (value: number) => (type === 'timestamp' ? new Date(value).toISOString() : String(value));
  const limits: string[] = [];
  if (minimum !== undefined) limits.push(`at least ${text(minimum)}`);
  if (exclusiveMinimum !== undefined) limits.push(`above ${text(exclusiveMinimum)}`);
  if (maximum !== undefined) limits.push(`at most ${text(maximum)}`);
  if (exclusiveMaximum !== undefined) limits.push(`below ${text(exclusiveMaximum)}`);
  return limits.join(' and ');
}

function shownTime(value: CellValue): string {
  const time = new Date(value as number);
  return typeof value === 'number' && !Number.isNaN(time.getTime()) ? time.toISOString() : shown(value);
}

import type { ColumnRule } from './column-rule.js';
import { type Reason, type ReasonCode, shown } from './reason.js';

/** The reason for which a cell is not accepted. */
export function failure(code: ReasonCode, column: ColumnRule, cell: unknown): Reason {
  return { code, field: column.name, message: describe(code, column, cell) };
}

function describe(code: ReasonCode, column: ColumnRule, cell: unknown): string {
  switch (code) {
    case 'missing_required':
      return `${column.name} is missing`;
    case 'wrong_type':
      return `${column.name} is ${shown(cell)}, which is no ${column.type}`;
    case 'not_allowed_value':
      return `${column.name} is ${shown(cell)}, which is not among the allowed values`;
    case 'out_of_range':
      return `${column.name} is ${shown(cell)}, which is not ${rangeText(column)}`;
    case 'pattern':
      return `${column.name} is ${shown(cell)}, which does not match ${column.pattern?.source}`;
    case 'wrong_length':
      return `${column.name} is ${shown(cell)}, whose length is not within ${column.minLength ?? 0} and ${column.maxLength ?? 'any'}`;
    default:
      return `${column.name} is ${shown(cell)}`;
  }
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

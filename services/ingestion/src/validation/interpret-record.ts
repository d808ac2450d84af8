import { type Mend, mendOf, type Repair } from '../repairs/mend-text.js';
import type { CellValue, ColumnRule } from './column-rule.js';
import type { NamedCondition } from './condition.js';
import { addConditionFailure, failure } from './failure.js';
import { interpretedCondition } from './interpret-condition.js';
import { readBoolean, readNumber, readTimestamp } from './read-value.js';
import type { Reason, ReasonCode } from './reason.js';
import type { ValidateRecord } from './validate-record.js';

/** Checks records by walking the rules: where code may not be generated, and to hold the generated code against. */
export function interpretedRecordValidator(columns: readonly ColumnRule[], conditions: readonly NamedCondition[] = []): ValidateRecord {
  const mapped = columns.map(({ map }) => new Set<unknown>(map?.values() ?? []));
  const mends = columns.map(mendOf);
  const tests = conditions.map((named) => ({ named, test: interpretedCondition(columns, named.condition) }));
  return (cells, reasons, repairs) => {
    const values = columns.map((column, at) => checkedCell(column, mended(mends[at], cells[at], repairs), mapped[at]!, reasons));
    for (const { named, test } of tests) if (test(values) === false) addConditionFailure(named, columns, values, reasons);
    return values;
  };
}

function mended(mend: Mend | undefined, cell: unknown, repairs: Repair[] | undefined): unknown {
  return mend && typeof cell === 'string' ? mend(cell, repairs) : cell;
}

function checkedCell(column: ColumnRule, cell: unknown, mapped: ReadonlySet<unknown>, reasons: Reason[]): CellValue {
  const fail = (code: ReasonCode) => {
    reasons.push(failure(code, column, cell));
    return null;
  };
  if (isMissing(column, cell)) return column.required ? fail('missing_required') : null;
  const value = column.map ? mappedValue(column.map, mapped, cell) : typedValue(column, cell);
  if (value === undefined) return fail(column.map ? 'not_allowed_value' : 'wrong_type');
  const broken = brokenLimit(column, value);
  // the value is kept beside its reason, as generated code does: the record is refused anyway
  if (broken) fail(broken);
  return value;
}

function isMissing({ missing }: ColumnRule, cell: unknown): boolean {
  return cell === undefined || cell === null || cell === '' || Number.isNaN(cell) || missing.has(cell as string);
}

function mappedValue(map: ReadonlyMap<string, CellValue>, mapped: ReadonlySet<unknown>, cell: unknown): CellValue | undefined {
  const value = map.get(cell as string);
  if (value !== undefined) return value;
  // a value that is already mapped (a label that came back from production) is taken as it is
  return typeof cell !== 'string' && mapped.has(cell) ? (cell as CellValue) : undefined;
}

function typedValue({ type }: ColumnRule, cell: unknown): CellValue | undefined {
  const number = () => (typeof cell === 'number' ? cell : readNumber(cell));
  if (type === 'number') return Number.isFinite(number()) ? number() : undefined;
  if (type === 'integer') return Number.isSafeInteger(number()) ? number() : undefined;
  if (type === 'boolean') return readBoolean(cell);
  if (type === 'string') return typeof cell === 'string' ? cell : undefined;
  const time = readTimestamp(cell);
  return Number.isNaN(time) ? undefined : time;
}

/** The first limit a value breaks. */
function brokenLimit(column: ColumnRule, value: CellValue): ReasonCode | undefined {
  const { allowed, minimum, maximum, exclusiveMinimum, exclusiveMaximum, minLength, maxLength, pattern } = column;
  const size = value as number;
  const length = (value as string).length;
  if (allowed && !allowed.has(value)) return 'not_allowed_value';
  if (minimum !== undefined && size < minimum) return 'out_of_range';
  if (maximum !== undefined && size > maximum) return 'out_of_range';
  if (exclusiveMinimum !== undefined && size <= exclusiveMinimum) return 'out_of_range';
  if (exclusiveMaximum !== undefined && size >= exclusiveMaximum) return 'out_of_range';
  if (minLength !== undefined && length < minLength) return 'wrong_length';
  if (maxLength !== undefined && length > maxLength) return 'wrong_length';
  return pattern && !pattern.test(value as string) ? 'pattern' : undefined;
}

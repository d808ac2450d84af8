import { mendOf, type Repair } from '../repairs/mend-text.js';
import type { CellValue, ColumnRule } from './column-rule.js';
import { conditionSource } from './compile-condition.js';
import type { NamedCondition } from './condition.js';
import { addConditionFailure, failure } from './failure.js';
import { logic } from './interpret-condition.js';
import { interpretedRecordValidator } from './interpret-record.js';
import { readBoolean, readNumber, readTimestamp } from './read-value.js';
import type { Reason, ReasonCode } from './reason.js';

/**
 * Checks one record, given as cells in the order of the columns, and returns the values to store; faults are pushed to `reasons`,
 * what was repaired to `repairs`.
 */
export type ValidateRecord = (cells: readonly unknown[], reasons: Reason[], repairs?: Repair[]) => CellValue[];

type Fail = (reasons: Reason[], code: ReasonCode, column: ColumnRule, cell: unknown) => null;

const fail: Fail = (reasons, code, column, cell) => {
  reasons.push(failure(code, column, cell));
  return null;
};

const readers = { number: readNumber, timestamp: readTimestamp, boolean: readBoolean };

/** The test of a value that has been read, as source text; only literals of ours and column numbers enter it. */
function typeSource(column: ColumnRule, at: string): string {
  switch (column.type) {
    case 'number':
      return `value = typeof cell === 'number' ? cell : read.number(cell); if (value - value !== 0) value = fail(reasons, 'wrong_type', ${at}, cell);`;
    case 'integer':
      return `value = typeof cell === 'number' ? cell : read.number(cell); if (!Number.isSafeInteger(value)) value = fail(reasons, 'wrong_type', ${at}, cell);`;
    case 'timestamp':
      return `value = read.timestamp(cell); if (value !== value) value = fail(reasons, 'wrong_type', ${at}, cell);`;
    case 'boolean':
      return `value = read.boolean(cell); if (value === undefined) value = fail(reasons, 'wrong_type', ${at}, cell);`;
    default:
      return `value = typeof cell === 'string' ? cell : fail(reasons, 'wrong_type', ${at}, cell);`;
  }
}

function limitSource(column: ColumnRule, at: string): string {
  const tests: [ReasonCode, string][] = [];
  if (column.allowed) tests.push(['not_allowed_value', `!${at}.allowed.has(value)`]);
  if (column.minimum !== undefined) tests.push(['out_of_range', `value < ${at}.minimum`]);
  if (column.maximum !== undefined) tests.push(['out_of_range', `value > ${at}.maximum`]);
  if (column.exclusiveMinimum !== undefined) tests.push(['out_of_range', `value <= ${at}.exclusiveMinimum`]);
  if (column.exclusiveMaximum !== undefined) tests.push(['out_of_range', `value >= ${at}.exclusiveMaximum`]);
  if (column.minLength !== undefined) tests.push(['wrong_length', `value.length < ${at}.minLength`]);
  if (column.maxLength !== undefined) tests.push(['wrong_length', `value.length > ${at}.maxLength`]);
  if (column.pattern) tests.push(['pattern', `!${at}.pattern.test(value)`]);
  if (tests.length === 0) return '';
  const chain = tests.map(([code, test]) => `if (${test}) fail(reasons, '${code}', ${at}, cell);`).join(' else ');
  return `if (value !== null) { ${chain} }`;
}

function columnSource(column: ColumnRule, index: number): string {
  const at = `c${index}`;
  const token = column.missing.size > 0 ? ` || ${at}.missing.has(cell)` : '';
  const absent = column.required ? `fail(reasons, 'missing_required', ${at}, cell)` : 'null';
  // a value that is already mapped (a label that came back from production) is taken as it is
  const mapped = `value = ${at}.map.get(cell); if (value === undefined) value = typeof cell !== 'string' && mapped[${index}].has(cell) ? cell : fail(reasons, 'not_allowed_value', ${at}, cell);`;
  const mended = column.repairs || column.missing.size > 0 ? `if (typeof cell === 'string') cell = mend[${index}](cell, repairs);\n` : '';
  return `cell = cells[${index}];
${mended}if (cell === undefined || cell === null || cell === '' || cell !== cell${token}) value = ${absent};
else { ${column.map ? mapped : typeSource(column, at)} ${limitSource(column, at)} }
values[${index}] = value;`;
}

/** Compiles the rules of a contract to one function. It is generated once per contract version, because interpreting rules per cell costs several times as much. */
export function compileRecordValidator(columns: readonly ColumnRule[], conditions: readonly NamedCondition[] = []): ValidateRecord {
  const names = columns.map((_, index) => `const c${index} = columns[${index}];`).join('\n');
  const body = columns.map(columnSource).join('\n');
  const constants: unknown[] = [];
  const tests = conditions.map(
    ({ condition }, index) => `if (${conditionSource(columns, condition, constants)} === false) miss(reasons, ${index}, values);`,
  );
  const source = `'use strict';
${names}
return function validateRecord(cells, reasons, repairs) {
const values = new Array(${columns.length});
let cell, value;
${body}
${tests.join('\n')}
return values;
};`;
  const miss = (reasons: Reason[], index: number, values: CellValue[]) => addConditionFailure(conditions[index]!, columns, values, reasons);
  const mapped = columns.map((column) => new Set(column.map?.values() ?? []));
  try {
    const make = new Function('columns', 'mapped', 'read', 'fail', 'mend', 'k', 'logic', 'miss', source);
    return make(columns, mapped, readers, fail, columns.map(mendOf), constants, logic, miss) as ValidateRecord;
  } catch (error) {
    // a process may forbid code from text (--disallow-code-generation-from-strings)
    if (error instanceof EvalError) return interpretedRecordValidator(columns, conditions);
    throw error;
  }
}

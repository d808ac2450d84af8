import type { TensorDatatype } from '@bascule/contracts';
import { textFault } from '../inference/client-text.js';

export type Cell = number | bigint | string;

/** Why a value of a record is refused; the reasons are part of the API. */
export type FaultReason =
  | 'missing_feature'
  | 'unknown_feature'
  | 'wrong_type'
  | 'out_of_range'
  | 'unparsable_time'
  | 'invalid_id'
  | 'unknown_field'
  | 'outside_contract';

/** What is wrong with one value. */
export interface CellFault {
  readonly reason: FaultReason;
  readonly message: string;
}

const integerRange: Partial<Record<TensorDatatype, readonly [bigint, bigint]>> = {
  UINT8: [0n, 2n ** 8n - 1n],
  UINT16: [0n, 2n ** 16n - 1n],
  UINT32: [0n, 2n ** 32n - 1n],
  UINT64: [0n, 2n ** 64n - 1n],
  INT8: [-(2n ** 7n), 2n ** 7n - 1n],
  INT16: [-(2n ** 15n), 2n ** 15n - 1n],
  INT32: [-(2n ** 31n), 2n ** 31n - 1n],
  INT64: [-(2n ** 63n), 2n ** 63n - 1n],
};
const largestFloat: Partial<Record<TensorDatatype, number>> = { FP16: 65_519, FP32: 3.402_823_567_797_336e38 };
const numberForm = /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/;
const specials = new Map<unknown, number>([
  ['NaN', Number.NaN],
  ['Infinity', Infinity],
  ['-Infinity', -Infinity],
]);
const truths = new Map<unknown, number>([
  [true, 1],
  [1, 1],
  ['true', 1],
  ['1', 1],
  [false, 0],
  [0, 0],
  ['false', 0],
  ['0', 0],
]);

/** What a value that is known to be missing becomes; undefined when the datatype has no such value. */
export function missingCell(datatype: TensorDatatype): Cell | undefined {
  if (datatype === 'BYTES') return '';
  return datatype.startsWith('FP') ? Number.NaN : undefined;
}

/**
 * Reads one value of a record as a datatype. A number may be sent as text in the notation of JSON; text is never made
 * from a number, since only the client knows whether 7, "7" and "07" are one category.
 * @param value anything but null and undefined
 */
export function readCell(datatype: TensorDatatype, value: unknown): Cell | CellFault {
  if (datatype === 'BYTES') return textCell(value);
  if (datatype === 'BOOL') return truths.get(value) ?? wrongType(value, 'true or false');
  const text = typeof value === 'string' ? value.trim() : undefined;
  if (datatype.startsWith('FP')) return floatCell(datatype, text ?? value);
  return integerCell(datatype, text ?? value);
}

/** True for what `readCell` answers when it refuses. */
export function isCellFault(read: Cell | CellFault): read is CellFault {
  return typeof read === 'object';
}

function textCell(value: unknown): Cell | CellFault {
  if (typeof value !== 'string') return wrongType(value, 'text');
  const fault = textFault(value);
  return fault === undefined ? value : { reason: 'wrong_type', message: `the text ${fault}` };
}

function floatCell(datatype: TensorDatatype, value: unknown): Cell | CellFault {
  // an empty cell, as tables write what is missing
  if (value === '') return Number.NaN;
  const special = specials.get(value);
  if (special !== undefined) return special;
  const isNumber = typeof value === 'number' || typeof value === 'bigint' || (typeof value === 'string' && numberForm.test(value));
  if (!isNumber) return wrongType(value, 'a number');
  const number = Number(value);
  const largest = largestFloat[datatype];
  // what JSON writes as 1e999 is infinity by intent; a finite number must stay one
  if (largest !== undefined && Number.isFinite(number) && Math.abs(number) > largest) return outOfRange(value, datatype);
  return number;
}

function integerCell(datatype: TensorDatatype, value: unknown): Cell | CellFault {
  const exact = exactInteger(value);
  if (exact === undefined) {
    // JSON has read it as the nearest double: which number was sent, nobody knows here
    if (Number.isInteger(value)) return { reason: 'wrong_type', message: 'an integer beyond 2^53 must be sent as text to be exact' };
    const isNumber = typeof value === 'number' || (typeof value === 'string' && numberForm.test(value));
    return isNumber ? { reason: 'wrong_type', message: `${printed(value)} is no integer` } : wrongType(value, 'an integer');
  }
  const range = integerRange[datatype];
  if (!range) return { reason: 'wrong_type', message: `${datatype} cannot be sent in a record` };
  if (exact < range[0] || exact > range[1]) return outOfRange(value, datatype);
  return datatype.endsWith('64') ? exact : Number(exact);
}

function exactInteger(value: unknown): bigint | undefined {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'string' && /^[+-]?\d{1,40}(\.0{0,40})?$/.test(value)) return BigInt(value.replace(/^\+|\..*$/g, ''));
  const number = typeof value === 'string' && numberForm.test(value) ? Number(value) : value;
  return Number.isSafeInteger(number) ? BigInt(number as number) : undefined;
}

function wrongType(value: unknown, wanted: string): CellFault {
  return { reason: 'wrong_type', message: `${printed(value)} is not ${wanted}` };
}

function outOfRange(value: unknown, datatype: TensorDatatype): CellFault {
  return { reason: 'out_of_range', message: `${printed(value)} is out of the range of ${datatype}` };
}

function printed(value: unknown): string {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'an object';
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

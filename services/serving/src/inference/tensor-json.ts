import type { TensorDatatype } from '@bascule/contracts';
import { textFault } from './client-text.js';
import { withoutLiterals } from './json-literals.js';
import { allocate, type TensorData, toHalf } from './tensor.js';

const integerRange: Partial<Record<TensorDatatype, readonly [number, number]>> = {
  UINT8: [0, 255],
  UINT16: [0, 65535],
  UINT32: [0, 4294967295],
  INT8: [-128, 127],
  INT16: [-32768, 32767],
  INT32: [-2147483648, 2147483647],
};
const bigRange: Partial<Record<TensorDatatype, readonly [bigint, bigint]>> = {
  UINT64: [0n, 2n ** 64n - 1n],
  INT64: [-(2n ** 63n), 2n ** 63n - 1n],
};

/** How some clients spell what JSON has no number for. */
const specials = new Map<unknown, number>([
  ['NaN', Number.NaN],
  ['Infinity', Infinity],
  ['-Infinity', -Infinity],
]);

/** Reads nested or flat JSON data into typed storage; answers a sentence when it does not fit. */
export function dataFromJson(
  datatype: TensorDatatype,
  shape: readonly number[],
  count: number,
  json: readonly unknown[],
): TensorData | string {
  const leaves = Array.isArray(json[0]) ? flatten(json, shape) : json;
  if (typeof leaves === 'string') return leaves;
  if (leaves.length !== count) return `data has ${leaves.length} elements, shape [${shape.join(', ')}] needs ${count}`;
  const data = allocate(datatype === 'FP16' ? 'FP32' : datatype, count);
  const odd = fill(datatype, data, leaves);
  if (odd >= 0) return faultOf(datatype, leaves[odd], odd);
  return datatype === 'FP16' ? toHalf(data as Float32Array) : data;
}

function flatten(json: readonly unknown[], shape: readonly number[]): unknown[] | string {
  const leaves: unknown[] = [];
  const walk = (part: readonly unknown[], axis: number): boolean => {
    if (part.length !== shape[axis]) return false;
    const isLast = axis === shape.length - 1;
    for (const item of part) {
      if (isLast === Array.isArray(item)) return false;
      if (isLast) leaves.push(item);
      else if (!walk(item as unknown[], axis + 1)) return false;
    }
    return true;
  };
  return walk(json, 0) ? leaves : `nested data does not have the shape [${shape.join(', ')}]`;
}

/** Fills `data` with the cells of a tensor; answers where the first one stands that does not fit, -1 when all do. */
function fill(datatype: TensorDatatype, data: TensorData, cells: readonly unknown[]): number {
  switch (datatype) {
    case 'FP16':
    case 'FP32':
    case 'FP64':
      return fillFloats(data as Float32Array | Float64Array, cells);
    case 'BYTES':
      return fillEach(data as string[], cells, (cell) => (typeof cell === 'string' && textFault(cell) === undefined ? cell : undefined));
    case 'BOOL':
      return fillEach(data as Uint8Array, cells, (cell) =>
        typeof cell === 'boolean' ? Number(cell) : cell === 0 || cell === 1 ? cell : undefined,
      );
    case 'INT64':
    case 'UINT64': {
      const range = bigRange[datatype] as readonly [bigint, bigint];
      return fillEach(data as BigInt64Array, cells, (cell) => bigCell(cell, range));
    }
    default:
      return fillIntegers(data as Int32Array, cells, integerRange[datatype] ?? [0, -1]);
  }
}

function fillFloats(data: Float32Array | Float64Array, cells: readonly unknown[]): number {
  for (let index = 0; index < data.length; index++) {
    const cell = cells[index];
    if (typeof cell === 'number') data[index] = cell;
    else {
      // JSON has no NaN: null stands for a missing number
      const value = cell === null ? Number.NaN : typeof cell === 'bigint' ? Number(cell) : specials.get(cell);
      if (value === undefined) return index;
      data[index] = value;
    }
  }
  return -1;
}

function fillIntegers(data: Int32Array, cells: readonly unknown[], [low, high]: readonly [number, number]): number {
  for (let index = 0; index < data.length; index++) {
    const cell = cells[index];
    if (typeof cell !== 'number' || !Number.isInteger(cell) || cell < low || cell > high) return index;
    data[index] = cell;
  }
  return -1;
}

function fillEach<Cell>(data: { [index: number]: Cell }, cells: readonly unknown[], read: (cell: unknown) => Cell | undefined): number {
  for (let index = 0; index < cells.length; index++) {
    const cell = read(cells[index]);
    if (cell === undefined) return index;
    data[index] = cell;
  }
  return -1;
}

function bigCell(value: unknown, [low, high]: readonly [bigint, bigint]): bigint | undefined {
  const isExact = typeof value === 'bigint' || Number.isSafeInteger(value);
  if (!isExact) return undefined;
  const cell = BigInt(value as bigint | number);
  return cell >= low && cell <= high ? cell : undefined;
}

function faultOf(datatype: TensorDatatype, value: unknown, index: number): string {
  const fault = datatype === 'BYTES' && typeof value === 'string' ? textFault(value) : undefined;
  if (fault !== undefined) return `element ${index} ${fault}`;
  if (isRounded(value) && liesIn(bigRange[datatype], value))
    return `element ${index} was read as about ${value}: write an integer of this size digit by digit`;
  return `element ${index} is ${printed(value)}, which is no ${datatype}`;
}

/** True for an integer that may have been another one in the text. */
function isRounded(value: unknown): value is number {
  return Number.isInteger(value) && !Number.isSafeInteger(value);
}

function liesIn(range: readonly [bigint, bigint] | undefined, value: number): boolean {
  return range !== undefined && BigInt(value) >= range[0] && BigInt(value) <= range[1];
}

function printed(value: unknown): string {
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'an object';
  if (value === Infinity || value === -Infinity) return `${value}, as a number beyond ${value > 0 ? '' : '-'}1.8e308 is read`;
  const text = typeof value === 'bigint' ? value.toString() : (JSON.stringify(value) ?? 'missing');
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}

/** An integer of a JSON text that a double may not hold, behind a bracket, comma or colon: many digits with nothing but zeros behind a point. */
const longInteger = /[[,:\s]-?\d{16,}(?:\.0+)?(?:[eE]\+?\d+)?[\s,\]}]/;
/** Another one may have an exponent from 10 to 19; looked for by itself, since no number has to be read for it. */
const largeExponent = /[eE]\+?1\d[\s,\]}]/;
/** No integer of 64 bits has more; more are read where they were written, but not made from an exponent. */
const mostDigits = 20;

/**
 * Parses JSON; integers that a double cannot hold come back as bigint, and lists may have the elements NaN, Infinity and
 * -Infinity. Only pays for either when there are any.
 */
export function parseExactJson(text: string): unknown {
  try {
    return parseLongIntegers(text);
  } catch (error) {
    const json = withoutLiterals(text);
    if (json === text) throw error;
    return parseLongIntegers(json);
  }
}

function parseLongIntegers(text: string): unknown {
  if (!longInteger.test(text) && !largeExponent.test(text)) return JSON.parse(text);
  const reviver = (_key: string, value: unknown, context?: { source?: string }): unknown =>
    isRounded(value) ? (exactInteger(context?.source ?? '') ?? value) : value;
  return JSON.parse(text, reviver as (key: string, value: unknown) => unknown);
}

/** The integer that a number of JSON says, digit by digit; undefined when it says none. */
function exactInteger(source: string): bigint | undefined {
  const [, whole = '', fraction = '', exponent = '0'] = /^(-?\d+)(?:\.(\d+))?(?:[eE]\+?(\d{1,3}))?$/.exec(source) ?? [];
  if (whole === '') return undefined;
  const moved = Number(exponent);
  if (/[^0]/.test(fraction.slice(moved))) return undefined;
  if (moved > 0 && whole.length + moved > mostDigits + 1) return undefined;
  return BigInt(whole + fraction.slice(0, moved).padEnd(moved, '0'));
}

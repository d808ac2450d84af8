import type { TensorDatatype } from '@bascule/contracts';
import { allocate, fromHalf, type TensorData, toHalf } from './tensor.js';

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
  const leaves = json.some(Array.isArray) ? flatten(json, shape) : json;
  if (typeof leaves === 'string') return leaves;
  if (leaves.length !== count) return `data has ${leaves.length} elements, shape [${shape.join(', ')}] needs ${count}`;
  const data = allocate(datatype === 'FP16' ? 'FP32' : datatype, count) as unknown[];
  for (let index = 0; index < count; index++) {
    const cell = cellFromJson(datatype, leaves[index]);
    if (cell === undefined) return `element ${index} is ${printed(leaves[index])}, which is no ${datatype}`;
    data[index] = cell;
  }
  return datatype === 'FP16' ? toHalf(data as number[]) : (data as unknown as TensorData);
}

function flatten(json: readonly unknown[], shape: readonly number[]): unknown[] | string {
  const leaves: unknown[] = [];
  const walk = (part: readonly unknown[], axis: number): boolean => {
    if (axis >= shape.length || part.length !== shape[axis]) return false;
    const isLast = axis === shape.length - 1;
    return part.every((item) => {
      if (isLast === Array.isArray(item)) return false;
      if (Array.isArray(item)) return walk(item, axis + 1);
      leaves.push(item);
      return true;
    });
  };
  return walk(json, 0) ? leaves : `nested data does not have the shape [${shape.join(', ')}]`;
}

function cellFromJson(datatype: TensorDatatype, value: unknown): number | bigint | string | undefined {
  switch (datatype) {
    case 'FP16':
    case 'FP32':
    case 'FP64':
      // JSON has no NaN: null stands for a missing number
      return typeof value === 'number' ? value : value === null ? Number.NaN : specials.get(value);
    case 'BYTES':
      return typeof value === 'string' ? value : undefined;
    case 'BOOL':
      return typeof value === 'boolean' ? Number(value) : value === 0 || value === 1 ? value : undefined;
    case 'INT64':
    case 'UINT64':
      return bigCell(value, bigRange[datatype] as readonly [bigint, bigint]);
    default: {
      const range = integerRange[datatype];
      return range && Number.isInteger(value) && (value as number) >= range[0] && (value as number) <= range[1]
        ? (value as number)
        : undefined;
    }
  }
}

function bigCell(value: unknown, [low, high]: readonly [bigint, bigint]): bigint | undefined {
  const isExact = typeof value === 'bigint' || Number.isSafeInteger(value);
  if (!isExact) return undefined;
  const cell = BigInt(value as bigint | number);
  return cell >= low && cell <= high ? cell : undefined;
}

function printed(value: unknown): string {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'an object';
  const text = JSON.stringify(value) ?? 'missing';
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}

const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown };

/** Writes data as flat JSON: NaN as null, infinities as 1e999, 64-bit integers digit by digit. */
export function dataToJson(datatype: TensorDatatype, data: TensorData): unknown[] {
  if (Array.isArray(data)) return data;
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) return Array.from(data, bigToJson);
  if (datatype === 'BOOL') return Array.from(data, (cell) => cell !== 0);
  if (datatype === 'FP16') return fromHalf(data as Uint16Array).map(floatToJson);
  if (datatype === 'FP32' || datatype === 'FP64') return Array.from(data, floatToJson);
  return Array.from(data);
}

function bigToJson(cell: bigint): unknown {
  const number = Number(cell);
  return Number.isSafeInteger(number) ? number : rawJSON(cell.toString());
}

function floatToJson(cell: number): unknown {
  if (Number.isFinite(cell)) return cell;
  return Number.isNaN(cell) ? null : rawJSON(cell > 0 ? '1e999' : '-1e999');
}

/** Parses JSON; integers that a double cannot hold come back as bigint. Only pays for it when there are any. */
export function parseExactJson(text: string): unknown {
  if (!/\d{16}/.test(text)) return JSON.parse(text);
  const reviver = (_key: string, value: unknown, context?: { source?: string }): unknown =>
    typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value) && /^-?\d+$/.test(context?.source ?? '')
      ? BigInt(context?.source as string)
      : value;
  return JSON.parse(text, reviver as (key: string, value: unknown) => unknown);
}

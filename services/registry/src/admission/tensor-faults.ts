import { fieldsOf, integersOf, textOf } from './onnx-fields.js';

/** Weights larger than this are taken for a mistake or an attack. */
const maxElements = 2n ** 31n;
const maxRank = 16;
const elementBytes: Readonly<Record<number, bigint>> = {
  1: 4n,
  2: 1n,
  3: 1n,
  4: 2n,
  5: 2n,
  6: 4n,
  7: 8n,
  9: 1n,
  10: 2n,
  11: 8n,
  12: 4n,
  13: 8n,
  14: 8n,
  15: 16n,
  16: 2n,
};

/** Why weights cannot be taken: they lie outside the file, or their shape and their bytes do not belong together. */
export function tensorFaults(tensor: Uint8Array, place: string): string[] {
  const dims: bigint[] = [];
  let name = '';
  let type = 0;
  let rawBytes: number | undefined;
  let isExternal = false;
  for (const field of fieldsOf(tensor)) {
    if (field.number === 1) dims.push(...integersOf(field));
    else if (field.number === 2) type = Number(field.integer);
    else if (field.number === 8) name = textOf(field.bytes);
    else if (field.number === 9) rawBytes = field.bytes?.length ?? 0;
    else if (field.number === 13 || (field.number === 14 && field.integer === 1n)) isExternal = true;
  }
  const called = `${place} ${JSON.stringify(name)}`;
  if (isExternal) return [`${called} keeps its data outside the file: put everything into one file`];
  if (dims.length > maxRank) return [`${called} has ${dims.length} dimensions`];
  if (dims.some((size) => size < 0n)) return [`${called} has the impossible shape [${dims.join(',')}]`];
  const elements = dims.reduce((product, size) => product * size, 1n);
  if (elements > maxElements) return [`${called} has the absurd shape [${dims.join(',')}]`];
  const width = elementBytes[type];
  if (rawBytes !== undefined && width !== undefined && elements * width !== BigInt(rawBytes)) {
    return [`${called} of shape [${dims.join(',')}] should have ${elements * width} bytes and has ${rawBytes}`];
  }
  return [];
}

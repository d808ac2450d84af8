import type { Rows } from './row.js';
import { StoredRows } from './stored-rows.js';

// two hashes of 32 bits (MurmurHash3) side by side, of which a number keeps 53 bits: that any two of a million rows that differ
// are taken for equal happens once in ten thousand runs
const seeds = [0x811c9dc5, 0x9747b28c] as const;

function mix(hash: number, word: number): number {
  const spread = Math.imul(word, 0xcc9e2d51);
  const mixed = hash ^ Math.imul((spread << 15) | (spread >>> 17), 0x1b873593);
  return (Math.imul((mixed << 13) | (mixed >>> 19), 5) + 0xe6546b64) | 0;
}

function ended(hash: number): number {
  let mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

const numberOfBoth = (high: number, low: number): number => (ended(high) & 0x1fffff) * 4_294_967_296 + ended(low);

const float = new Float64Array(1);
const words = new Int32Array(float.buffer);

/** A number that two texts hardly share. */
function numberOf(text: string): number {
  let [high, low] = seeds as readonly [number, number];
  for (let at = 0; at < text.length; at++) {
    high = mix(high, text.charCodeAt(at));
    low = mix(low, text.charCodeAt(at));
  }
  return numberOfBoth(high, low);
}

/** Reads a column as numbers: of a text its hash. */
function readerOf(rows: Rows, column: number): (at: number) => number {
  if (rows instanceof StoredRows) {
    const read = rows.store.numbersOf(column, numberOf);
    return (at) => read(rows.positions[at]!);
  }
  return (at) => {
    const cell = rows.at(at)!.cells[column]!;
    return typeof cell === 'number' ? cell : numberOf(cell);
  };
}

/** A number for each row that rows of another label or another of the first cells hardly share, in ascending order. */
function fingerprints(rows: Rows, cellCount: number): Float64Array {
  const high = new Int32Array(rows.length).fill(seeds[0]);
  const low = new Int32Array(rows.length).fill(seeds[1]);
  const take = (read: (at: number) => number) => {
    for (let at = 0; at < high.length; at++) {
      const value = read(at);
      // there is one way to be missing and one zero, whatever their bits
      float[0] = Number.isNaN(value) ? Number.NaN : value + 0;
      for (const word of words) {
        high[at] = mix(high[at]!, word);
        low[at] = mix(low[at]!, word);
      }
    }
  };
  take(rows instanceof StoredRows ? (at) => rows.store.labelAt(rows.positions[at]!) : (at) => rows.at(at)!.label);
  for (let column = 0; column < cellCount; column++) take(readerOf(rows, column));
  return Float64Array.from(high, (own, at) => numberOfBoth(own, low[at]!)).sort();
}

/** How many rows of the hold-out stand, label and all, among the training rows. @param cellCount so many cells of a row are compared */
export function countRepeated(training: Rows, holdout: Rows, cellCount: number): number {
  const known = fingerprints(training, cellCount);
  let [repeated, next] = [0, 0];
  for (const wanted of fingerprints(holdout, cellCount)) {
    while (next < known.length && known[next]! < wanted) next++;
    if (known[next] === wanted) repeated++;
  }
  return repeated;
}

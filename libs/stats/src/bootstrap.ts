import { quantile } from './histogram.js';
import { seededRandom } from './random.js';

export interface BootstrapOptions {
  readonly resamplings: number;
  readonly seed: number;
  readonly confidence?: number;
}

/**
 * Percentile intervals of measures over resamplings of the rows, all measures on the same ones. A measure that cannot be told on
 * more than a tenth of them has no interval.
 * @param measure gets positions of rows, some of them several times
 */
export function bootstrapIntervals(
  rowCount: number,
  measure: (rows: Int32Array) => Readonly<Record<string, number>>,
  { resamplings, seed, confidence = 0.95 }: BootstrapOptions,
): Record<string, [number, number] | null> {
  const random = seededRandom(seed);
  const drawn = new Int32Array(rowCount);
  const found = new Map<string, number[]>();
  for (let i = 0; i < resamplings; i++) {
    for (let row = 0; row < rowCount; row++) drawn[row] = Math.floor(random() * rowCount);
    for (const [name, value] of Object.entries(measure(drawn))) {
      const values = found.get(name) ?? [];
      if (Number.isFinite(value)) values.push(value);
      found.set(name, values);
    }
  }
  const tail = (1 - confidence) / 2;
  return Object.fromEntries(
    [...found].map(([name, values]) => {
      if (values.length < 0.9 * resamplings || values.length === 0) return [name, null];
      const sorted = Float64Array.from(values).sort();
      return [name, [quantile(sorted, tail), quantile(sorted, 1 - tail)]];
    }),
  );
}

import { binOf } from './histogram.js';

export interface LogSketchOptions {
  /** Largest relative error of a value once values are pooled. */
  relativeError?: number;
  /** Distinct values kept exactly before pooling. */
  exactValues?: number;
}

/** JSON form of a sketch: pairs of value and count, ascending. */
export interface LogSketchData {
  relativeError: number;
  pooled: boolean;
  cells: [number, number][];
}

/**
 * Mergeable sketch of a numeric distribution. It is exact while there are few distinct values; beyond that, values within the relative
 * error of one another share a cell, named by the smallest value seen in it. Order of adding and merging does not change quantiles beyond that error.
 */
export class LogSketch {
  private readonly cells = new Map<number, { value: number; count: number }>();
  private readonly relativeError: number;
  private readonly exactValues: number;
  private readonly logBase: number;
  private pooled = false;
  private total = 0;

  constructor(options: LogSketchOptions = {}) {
    this.relativeError = options.relativeError ?? 0.005;
    this.exactValues = options.exactValues ?? 512;
    this.logBase = Math.log((1 + this.relativeError) / (1 - this.relativeError));
  }

  get count(): number {
    return this.total;
  }

  get distinct(): number {
    return this.cells.size;
  }

  /** Adds a finite value `count` times; anything else is not for this sketch and is ignored. */
  add(value: number, count = 1): void {
    if (!Number.isFinite(value) || count <= 0) return;
    this.total += count;
    this.put(value, count);
    if (!this.pooled && this.cells.size > this.exactValues) this.pool();
  }

  merge(other: LogSketch): this {
    if (other.pooled && !this.pooled) this.pool();
    for (const { value, count } of other.cells.values()) this.add(value, count);
    return this;
  }

  /** Cells in ascending order of value. */
  entries(): [value: number, count: number][] {
    return [...this.cells.values()].map(({ value, count }): [number, number] => [value, count]).sort((a, b) => a[0] - b[0]);
  }

  /** Values at the given probabilities (ascending); NaN when empty. */
  quantiles(probabilities: readonly number[]): number[] {
    const entries = this.entries();
    return probabilities.map((p) => {
      const rank = p * (this.total - 1);
      let seen = 0;
      for (const [value, count] of entries) {
        seen += count;
        if (seen > rank) return value;
      }
      return entries.at(-1)?.[0] ?? Number.NaN;
    });
  }

  /** Counts per bin, bins as in `countIntoBins`. */
  countIntoBins(edges: readonly number[]): number[] {
    const counts = new Array<number>(edges.length + 1).fill(0);
    for (const { value, count } of this.cells.values()) counts[binOf(value, edges)]! += count;
    return counts;
  }

  toJSON(): LogSketchData {
    return { relativeError: this.relativeError, pooled: this.pooled, cells: this.entries() };
  }

  static from(data: LogSketchData, options: LogSketchOptions = {}): LogSketch {
    const sketch = new LogSketch({ ...options, relativeError: data.relativeError });
    if (data.pooled) sketch.pool();
    for (const [value, count] of data.cells) sketch.add(value, count);
    return sketch;
  }

  private put(value: number, count: number): void {
    const key = this.pooled ? this.keyOf(value) : value;
    const cell = this.cells.get(key);
    if (!cell) this.cells.set(key, { value, count });
    else {
      cell.count += count;
      cell.value = Math.min(cell.value, value);
    }
  }

  private pool(): void {
    const entries = this.entries();
    this.pooled = true;
    this.cells.clear();
    for (const [value, count] of entries) this.put(value, count);
  }

  /** Even keys for positive values, odd for negative ones; zero has its own. */
  private keyOf(value: number): number {
    if (value === 0) return Number.NaN;
    const index = Math.ceil(Math.log(Math.abs(value)) / this.logBase);
    return value > 0 ? 2 * index : 2 * index + 1;
  }
}

import { LogSketch, type LogSketchData } from '@bascule/stats';
import type { CellValue, ColumnRule } from './column-rule.js';

/** Beyond so many records of a batch every second is looked at, beyond twice as many every fourth, and so on. */
const sampledRecords = 10_000;
const mostCategories = 200;
const longestCategory = 100;
const leastPerCategory = 5;
const sketchOptions = { relativeError: 0.01, exactValues: 200 };

/** What is kept of one column of a batch, to hold later batches against. */
export interface ColumnProfile {
  /** Records without a value, of all that could be read. */
  readonly missing: number;
  /** Numbers and times in milliseconds. */
  readonly numbers?: LogSketchData;
  /** Category to its number of records; absent where there are too many to compare. */
  readonly categories?: Readonly<Record<string, number>>;
}

/** What is kept of a batch. */
export interface BatchProfile {
  readonly recordCount: number;
  /** Records that were looked at for numbers and categories. */
  readonly sampledCount: number;
  /** Column to its profile. */
  readonly columns: Readonly<Record<string, ColumnProfile>>;
}

/** Profiles the records of a batch in bounded memory, whatever its size. */
export class BatchProfiler {
  private readonly sketches: (LogSketch | undefined)[];
  private readonly categories: (Map<string, number> | undefined)[];
  private seen = 0;
  private sampledCount = 0;
  private stride = 1;

  constructor(private readonly rules: readonly ColumnRule[]) {
    // identifiers have nothing to compare, time always moves, and what is personal is kept nowhere else
    const isCompared = ({ role, isPersonal }: ColumnRule) => role !== 'id' && role !== 'time' && !isPersonal;
    const isNumber = ({ type }: ColumnRule) => type === 'number' || type === 'integer' || type === 'timestamp';
    this.sketches = rules.map((rule) => (isCompared(rule) && isNumber(rule) ? new LogSketch(sketchOptions) : undefined));
    this.categories = rules.map((rule) => (isCompared(rule) && !isNumber(rule) ? new Map() : undefined));
  }

  /** Takes the values of a record that met the contract. */
  add(values: readonly CellValue[]): void {
    if (++this.seen > sampledRecords * this.stride) this.stride *= 2;
    if (this.seen % this.stride !== 0) return;
    this.sampledCount++;
    for (let at = 0; at < values.length; at++) {
      const value = values[at]!;
      if (value === null) continue;
      if (typeof value === 'number') this.sketches[at]?.add(value, this.stride);
      else this.count(at, String(value));
    }
  }

  /** @param missing records without a value, in the order of the columns */
  profile(recordCount: number, missing: readonly number[]): BatchProfile {
    const columns = this.rules.map(({ name, role }, at): [string, ColumnProfile] => {
      const [sketch, categories] = [this.sketches[at], this.categories[at]];
      // where most categories come once or twice they are names, and there is nothing to compare
      const isSparse = role !== 'label' && categories !== undefined && categories.size * leastPerCategory > this.sampledCount;
      const found = sketch ? { numbers: sketch.toJSON() } : categories && !isSparse ? { categories: Object.fromEntries(categories) } : {};
      return [name, { missing: missing[at]!, ...found }];
    });
    return { recordCount, sampledCount: this.sampledCount, columns: Object.fromEntries(columns) };
  }

  private count(at: number, text: string): void {
    const counts = this.categories[at];
    if (!counts) return;
    counts.set(text, (counts.get(text) ?? 0) + this.stride);
    // free text: nothing to compare
    if (counts.size > mostCategories || text.length > longestCategory) this.categories[at] = undefined;
  }
}

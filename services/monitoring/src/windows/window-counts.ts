import { LogSketch, type LogSketchData } from '@bascule/stats';

/** One cell as the counters see it; undefined means missing. */
export type Cell = number | string | undefined;

interface CategoryCounts {
  counts: Map<string, number>;
  /** Values beyond the distinct categories that are kept apart. */
  other: number;
}

export interface WindowCountsData {
  rows: number;
  invalid: number;
  missing: Record<string, number>;
  numeric: Record<string, LogSketchData>;
  categorical: Record<string, { counts: [string, number][]; other: number }>;
  scores: LogSketchData;
}

const distinctCategories = 5000;

/** Mergeable counters of one window: their size depends on the data's variety, not on the number of rows. */
export class WindowCounts {
  rows = 0;
  /** Rows whose answer was no usable probability. */
  invalid = 0;
  readonly missing = new Map<string, number>();
  readonly numeric = new Map<string, LogSketch>();
  readonly categorical = new Map<string, CategoryCounts>();
  scores = new LogSketch();

  addRow(cells: Iterable<readonly [feature: string, cell: Cell]>, score: number | undefined): void {
    this.rows++;
    if (score === undefined || !Number.isFinite(score)) this.invalid++;
    else this.scores.add(score);
    for (const [feature, cell] of cells) {
      if (cell === undefined) this.missing.set(feature, (this.missing.get(feature) ?? 0) + 1);
      else if (typeof cell === 'number') this.sketchOf(feature).add(cell);
      else this.addCategory(feature, cell, 1);
    }
  }

  merge(other: WindowCounts, options: { without?: ReadonlySet<string> } = {}): this {
    const isKept = (feature: string) => !options.without?.has(feature);
    this.rows += other.rows;
    this.invalid += other.invalid;
    this.scores.merge(other.scores);
    for (const [feature, count] of other.missing) if (isKept(feature)) this.missing.set(feature, (this.missing.get(feature) ?? 0) + count);
    for (const [feature, sketch] of other.numeric) if (isKept(feature)) this.sketchOf(feature).merge(sketch);
    for (const [feature, { counts, other: beyond }] of other.categorical) {
      if (!isKept(feature)) continue;
      for (const [category, count] of counts) this.addCategory(feature, category, count);
      this.categoriesOf(feature).other += beyond;
    }
    return this;
  }

  toJSON(): WindowCountsData {
    return {
      rows: this.rows,
      invalid: this.invalid,
      missing: Object.fromEntries(this.missing),
      numeric: Object.fromEntries([...this.numeric].map(([feature, sketch]) => [feature, sketch.toJSON()])),
      categorical: Object.fromEntries(
        [...this.categorical].map(([feature, { counts, other }]) => [feature, { counts: [...counts], other }]),
      ),
      scores: this.scores.toJSON(),
    };
  }

  static from(data: WindowCountsData): WindowCounts {
    const window = new WindowCounts();
    window.rows = data.rows;
    window.invalid = data.invalid;
    window.scores = LogSketch.from(data.scores);
    for (const [feature, count] of Object.entries(data.missing)) window.missing.set(feature, count);
    for (const [feature, sketch] of Object.entries(data.numeric)) window.numeric.set(feature, LogSketch.from(sketch));
    for (const [feature, { counts, other }] of Object.entries(data.categorical)) {
      window.categorical.set(feature, { counts: new Map(counts), other });
    }
    return window;
  }

  private sketchOf(feature: string): LogSketch {
    const sketch = this.numeric.get(feature) ?? new LogSketch();
    this.numeric.set(feature, sketch);
    return sketch;
  }

  private categoriesOf(feature: string): CategoryCounts {
    const categories = this.categorical.get(feature) ?? { counts: new Map<string, number>(), other: 0 };
    this.categorical.set(feature, categories);
    return categories;
  }

  private addCategory(feature: string, category: string, count: number): void {
    const categories = this.categoriesOf(feature);
    const seen = categories.counts.get(category);
    if (seen === undefined && categories.counts.size >= distinctCategories) categories.other += count;
    else categories.counts.set(category, (seen ?? 0) + count);
  }
}

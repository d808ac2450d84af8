import type { DatasetColumn } from '@bascule/contracts';
import { LogSketch, type LogSketchData } from '@bascule/stats';
import type { CellValue } from '../validation/column-rule.js';

/** Distinct texts that are counted one by one; what comes later is counted together. */
const mostTexts = 10_000;

/** JSON form of a sketch. */
export interface ColumnSketchData {
  readonly missing: number;
  readonly numbers?: { sketch: LogSketchData; sum: number; squares: number; min: number; max: number };
  readonly texts?: { counts: [string, number][]; other: number };
}

type Kind = 'numbers' | 'texts' | 'hidden';

/** How a column is looked at: numbers by a sketch, texts by counting; values of ids and personal columns not at all. */
export function kindOf({ type, role, isPersonal }: DatasetColumn): Kind {
  if (isPersonal || (role === 'id' && type === 'string')) return 'hidden';
  return type === 'number' || type === 'integer' ? 'numbers' : 'texts';
}

/** Mergeable summary of the values of one column. */
export class ColumnSketch {
  readonly sketch = new LogSketch();
  readonly counts = new Map<string, number>();
  missing = 0;
  present = 0;
  other = 0;
  sum = 0;
  squares = 0;
  min = Number.POSITIVE_INFINITY;
  max = Number.NEGATIVE_INFINITY;

  constructor(
    readonly kind: Kind,
    private readonly isTime: boolean,
  ) {}

  static for(column: DatasetColumn): ColumnSketch {
    return new ColumnSketch(kindOf(column), column.type === 'timestamp');
  }

  add(value: CellValue): void {
    if (value === null) {
      this.missing++;
      return;
    }
    this.present++;
    if (this.kind === 'numbers') this.addNumber(value as number);
    // of times the month tells enough
    else if (this.kind === 'texts') this.count(this.isTime ? new Date(value as number).toISOString().slice(0, 7) : String(value), 1);
  }

  merge(data: ColumnSketchData): this {
    const { missing, numbers, texts } = data;
    this.missing += missing;
    if (numbers) {
      const other = LogSketch.from(numbers.sketch);
      this.sketch.merge(other);
      this.present += other.count;
      this.sum += numbers.sum;
      this.squares += numbers.squares;
      this.min = Math.min(this.min, numbers.min);
      this.max = Math.max(this.max, numbers.max);
    }
    if (texts) {
      for (const [text, count] of texts.counts) {
        this.present += count;
        this.count(text, count);
      }
      this.present += texts.other;
      this.other += texts.other;
    }
    return this;
  }

  toJSON(): ColumnSketchData {
    const { missing, sketch, sum, squares, min, max, counts, other, present } = this;
    if (this.kind === 'numbers' && present > 0) return { missing, numbers: { sketch: sketch.toJSON(), sum, squares, min, max } };
    if (this.kind === 'texts') return { missing, texts: { counts: this.sorted(), other } };
    // how many there are is told, what they are is not
    return { missing, texts: { counts: [], other: counts.size === 0 ? present : other } };
  }

  /** Texts with their counts, most frequent first. */
  sorted(): [string, number][] {
    return [...this.counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  }

  private addNumber(value: number): void {
    this.sketch.add(value);
    this.sum += value;
    this.squares += value * value;
    if (value < this.min) this.min = value;
    if (value > this.max) this.max = value;
  }

  private count(text: string, count: number): void {
    const before = this.counts.get(text);
    if (before === undefined && this.counts.size >= mostTexts) this.other += count;
    else this.counts.set(text, (before ?? 0) + count);
  }
}

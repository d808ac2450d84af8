import { readBoolean, readNumber, readTimestamp } from '../validation/read-value.js';
import { type WrittenForm, WrittenFormSample } from './written-form.js';

/** Texts that often stand for no value; in a column of text they may be values (a name, a code) and count as such. */
const tokens = new Set(['NA', 'N/A', 'n/a', 'null', 'NULL', 'NaN', 'nan', '?', '-', '.']);
const mostDistinct = 20_000;
const mostShapes = 3;

export type SampledType = 'integer' | 'number' | 'boolean' | 'timestamp' | 'date' | 'string';

/** What the values of one column have in common, counted one by one. */
export class ColumnSample {
  count = 0;
  missing = 0;
  readonly tokens = new Map<string, number>();
  private readonly fits: Record<SampledType, number> = { integer: 0, number: 0, boolean: 0, timestamp: 0, date: 0, string: 0 };
  private smallest = { number: Number.POSITIVE_INFINITY, timestamp: Number.POSITIVE_INFINITY, length: Number.POSITIVE_INFINITY };
  private largest = { number: Number.NEGATIVE_INFINITY, timestamp: Number.NEGATIVE_INFINITY, length: 0 };
  private distinct: Map<string, number> | undefined = new Map();
  private readonly shapes = new Set<string>();
  private hasLeadingZero = false;
  private readonly written = new WrittenFormSample();

  add(value: unknown): void {
    this.count++;
    if (value === undefined || value === null || value === '' || Number.isNaN(value)) {
      this.missing++;
      return;
    }
    if (typeof value === 'string' && tokens.has(value)) this.tokens.set(value, (this.tokens.get(value) ?? 0) + 1);
    else {
      this.addType(value);
      if (typeof value === 'string') this.written.add(value);
    }
    const text = typeof value === 'string' ? value : value instanceof Date ? value.toISOString() : (JSON.stringify(value) ?? '');
    this.distinct?.set(text, (this.distinct.get(text) ?? 0) + 1);
    if (this.distinct && this.distinct.size > mostDistinct) this.distinct = undefined;
    if (this.shapes.size < mostShapes) this.shapes.add(shapeOf(text));
    this.smallest.length = Math.min(this.smallest.length, text.length);
    this.largest.length = Math.max(this.largest.length, text.length);
  }

  /** The narrowest type that nearly all values have, with how many do not. Text with a leading zero (a postal code) is no number. */
  type(): { type: SampledType; exceptions: number } {
    const typed = this.count - this.missing - this.tokenCount;
    const candidates: SampledType[] = this.hasLeadingZero ? ['date', 'timestamp'] : ['boolean', 'integer', 'number', 'date', 'timestamp'];
    const exact = candidates.find((type) => typed > 0 && this.fits[type] === typed);
    const near = candidates.filter((type) => typed >= 50 && this.fits[type] >= 0.98 * typed).sort((a, b) => this.fits[b] - this.fits[a])[0];
    const type = exact ?? near ?? 'string';
    return { type, exceptions: type === 'string' ? 0 : typed - this.fits[type] };
  }

  /** How the values are written, where they are text that stands for dates or numbers. */
  writtenForm(): WrittenForm | undefined {
    return this.hasLeadingZero ? undefined : this.written.form();
  }

  get tokenCount(): number {
    return [...this.tokens.values()].reduce((sum, count) => sum + count, 0);
  }

  /** Smallest and largest value: milliseconds for times. */
  range(type: SampledType): [number, number] | undefined {
    const kind = type === 'timestamp' || type === 'date' ? 'timestamp' : 'number';
    return this.smallest[kind] <= this.largest[kind] ? [this.smallest[kind], this.largest[kind]] : undefined;
  }

  lengths(): [number, number] {
    return [Math.min(this.smallest.length, this.largest.length), this.largest.length];
  }

  /** The values, if there are so few that they look like categories: each comes often. */
  categories(most: number): string[] | undefined {
    const { distinct } = this;
    if (!distinct || distinct.size > most || distinct.size * 20 > this.count - this.missing) return undefined;
    return [...distinct.keys()].sort();
  }

  /** True when every row has a value and no two rows the same. */
  isUnique(): boolean {
    return this.missing === 0 && this.count > 1 && this.distinct?.size === this.count;
  }

  /** A pattern that all values have in common, if they are built alike and hold digits. */
  pattern(): string | undefined {
    const [shape] = this.shapes;
    return this.shapes.size === 1 && shape !== undefined && shape.length <= 60 && shape.includes('\\d') ? `^${shape}$` : undefined;
  }

  private addType(value: unknown): void {
    this.fits.string++;
    if (readBoolean(value) !== undefined) this.fits.boolean++;
    const number = readNumber(value);
    if (Number.isFinite(number)) {
      this.fits.number++;
      if (Number.isSafeInteger(number) && !/[.e]/i.test(String(value))) this.fits.integer++;
      this.smallest.number = Math.min(this.smallest.number, number);
      this.largest.number = Math.max(this.largest.number, number);
      if (typeof value === 'string' && /^[+-]?0\d/.test(value)) this.hasLeadingZero = true;
    }
    const time = readTimestamp(value);
    if (Number.isFinite(time)) {
      this.fits.timestamp++;
      if (typeof value === 'string' && value.length === 10) this.fits.date++;
      this.smallest.timestamp = Math.min(this.smallest.timestamp, time);
      this.largest.timestamp = Math.max(this.largest.timestamp, time);
    }
  }
}

/** How a text is built: digits and capitals by class and number, everything else as it is. */
function shapeOf(text: string): string {
  if (text.length > 40) return '';
  const shape = text.replace(/\d+|[A-Z]+|[a-z]+|[^A-Za-z\d]/g, (part) => {
    if (/\d/.test(part)) return `\\d{${part.length}}`;
    if (/[A-Z]/.test(part)) return `[A-Z]{${part.length}}`;
    return /[a-z]/.test(part)
      ? `[a-z]{${part.length}}`
      : /[\s\w-]/.test(part)
        ? part
        : /[.*+?^${}()|[\]\\/]/.test(part)
          ? `\\${part}`
          : part;
  });
  return shape;
}

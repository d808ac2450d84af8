import { DigestSet } from './digest-set.js';

/** An assertion about a whole batch, with the words of the ODCS quality library. */
export interface Expectation {
  readonly metric: 'nullValues' | 'invalidValues' | 'duplicateValues' | 'rowCount';
  /** Positions of the columns it looks at; none for `rowCount`. */
  readonly columns: readonly number[];
  readonly allowed?: ReadonlySet<unknown>;
  readonly unit: 'rows' | 'percent';
  readonly bounds: Bounds;
  /** How it reads in a report. */
  readonly text: string;
}

export interface Bounds {
  readonly mustBe?: number | undefined;
  readonly mustNotBe?: number | undefined;
  readonly mustBeGreaterThan?: number | undefined;
  readonly mustBeGreaterOrEqualTo?: number | undefined;
  readonly mustBeLessThan?: number | undefined;
  readonly mustBeLessOrEqualTo?: number | undefined;
  readonly mustBeBetween?: readonly [number, number] | undefined;
  readonly mustNotBeBetween?: readonly [number, number] | undefined;
}

const tests: { [Name in keyof Bounds]-?: (value: number, bound: NonNullable<Bounds[Name]>) => boolean } = {
  mustBe: (value, bound) => value === bound,
  mustNotBe: (value, bound) => value !== bound,
  mustBeGreaterThan: (value, bound) => value > bound,
  mustBeGreaterOrEqualTo: (value, bound) => value >= bound,
  mustBeLessThan: (value, bound) => value < bound,
  mustBeLessOrEqualTo: (value, bound) => value <= bound,
  mustBeBetween: (value, [low, high]) => value >= low && value <= high,
  mustNotBeBetween: (value, [low, high]) => value < low || value > high,
};
export const boundNames = Object.keys(tests) as (keyof Bounds)[];

/** True when the measured value is within every bound. */
export function isWithin(value: number, bounds: Bounds): boolean {
  return boundNames.every((name) => {
    const bound = bounds[name];
    return bound === undefined || (tests[name] as (value: number, bound: unknown) => boolean)(value, bound);
  });
}

/** Counts, over all records of a batch, what the expectations ask for. */
export class ExpectationCounter {
  private readonly counts: number[];
  private readonly seen: DigestSet[];

  constructor(private readonly expectations: readonly Expectation[]) {
    this.counts = expectations.map(() => 0);
    this.seen = expectations.map(() => new DigestSet());
  }

  /** Takes one record into account. */
  add(values: readonly unknown[]): void {
    for (let i = 0; i < this.expectations.length; i++) if (this.isCounted(i, values)) this.counts[i]!++;
  }

  /** What was measured, and whether it is as the contract wants it. */
  outcomes(recordCount: number): { text: string; measured: number; holds: boolean }[] {
    return this.expectations.map(({ text, unit, bounds }, i) => {
      const count = this.counts[i]!;
      const measured = unit === 'percent' ? (recordCount === 0 ? 0 : (100 * count) / recordCount) : count;
      return { text, measured, holds: isWithin(measured, bounds) };
    });
  }

  private isCounted(index: number, values: readonly unknown[]): boolean {
    const { metric, columns, allowed } = this.expectations[index]!;
    if (metric === 'rowCount') return true;
    const first = values[columns[0]!];
    if (metric === 'nullValues') return first === null;
    if (metric === 'invalidValues') return first !== null && !allowed?.has(first);
    const key = JSON.stringify(columns.map((column) => values[column]));
    return !this.seen[index]!.add(key);
  }
}

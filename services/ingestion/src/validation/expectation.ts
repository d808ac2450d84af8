import type { TextPattern } from '../patterns/text-pattern.js';
import { type Measure, measureOf } from './batch-measure.js';
import type { CellValue } from './column-rule.js';
import type { TestRecord } from './interpret-condition.js';

export type Severity = 'error' | 'warning';

/** What is counted or measured over a batch. */
export type Metric =
  | { readonly metric: 'rowCount' }
  | { readonly metric: 'nullValues' | 'duplicateValues'; readonly columns: readonly number[] }
  | { readonly metric: 'missingValues'; readonly columns: readonly number[]; readonly tokens: ReadonlySet<unknown> }
  | {
      readonly metric: 'invalidValues';
      readonly columns: readonly number[];
      readonly allowed: ReadonlySet<unknown> | undefined;
      readonly pattern: TextPattern | undefined;
    }
  | { readonly metric: 'missedConditions'; readonly test: TestRecord }
  | { readonly metric: 'undetermined'; readonly columns: readonly number[]; readonly determined: number }
  | { readonly metric: 'nearDuplicates'; readonly columns: readonly number[]; readonly similarity: number }
  | { readonly metric: 'ageHours'; readonly column: number }
  | { readonly metric: 'outOfOrder'; readonly column: number; readonly isDescending: boolean };

/** An assertion about a whole batch, with the words of the ODCS quality library. */
export interface Expectation {
  readonly what: Metric;
  readonly unit: 'rows' | 'percent';
  readonly bounds: Bounds;
  /** An error rejects the batch, a warning is reported. */
  readonly severity: Severity;
  /** The column it is about, if it is about one. */
  readonly field?: string | undefined;
  /** How it reads in a report. */
  readonly text: string;
}

/** What became of an expectation in a batch. */
export interface Outcome {
  readonly text: string;
  readonly measured: number;
  readonly holds: boolean;
  readonly severity: Severity;
  readonly metric: Metric['metric'];
  readonly field?: string | undefined;
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
  private readonly measures: Measure[];

  /** @param receivedAt when the batch arrived, in milliseconds since 1970: age is measured from there */
  constructor(
    private readonly expectations: readonly Expectation[],
    receivedAt: number,
  ) {
    this.measures = expectations.map(({ what }) => measureOf(what, receivedAt));
  }

  /** Takes one record into account. */
  add(values: readonly CellValue[]): void {
    for (const measure of this.measures) measure.add(values);
  }

  /** What was measured, and whether it is as the contract wants it. */
  outcomes(recordCount: number): Outcome[] {
    return this.expectations.map(({ what, text, unit, bounds, severity, field }, i) => {
      const result = this.measures[i]!.result();
      const measured = unit === 'percent' ? (recordCount === 0 ? 0 : (100 * result) / recordCount) : result;
      const outcome = { text, measured, holds: isWithin(measured, bounds), severity, metric: what.metric };
      return field === undefined ? outcome : { ...outcome, field };
    });
  }
}

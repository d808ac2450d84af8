import { hash } from 'node:crypto';
import type { CellValue } from '../validation/column-rule.js';

/** Rows that one side has more often than the other. */
export interface RowDifference {
  readonly added: number;
  readonly removed: number;
  /** False where there were too many rows to look at each: then the numbers are those of the parts that differ. */
  readonly isExact: boolean;
}

/** Counts rows of two sides against one another, by what they say. */
export class RowTally {
  private readonly counts = new Map<string, number>();

  /** `side` is 1 for a row of the version after, -1 for one of the version before. */
  add(values: readonly CellValue[], side: 1 | -1): void {
    const key = hash('sha256', JSON.stringify(values), 'base64').slice(0, 20);
    const count = (this.counts.get(key) ?? 0) + side;
    if (count === 0) this.counts.delete(key);
    else this.counts.set(key, count);
  }

  difference(): RowDifference {
    let [added, removed] = [0, 0];
    for (const count of this.counts.values()) {
      if (count > 0) added += count;
      else removed -= count;
    }
    return { added, removed, isExact: true };
  }
}

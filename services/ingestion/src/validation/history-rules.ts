import type { Severity } from './expectation.js';

/** What a batch is held to against the history of its dataset. Without a word in the contract a miss is a warning. */
export interface HistoryRules {
  readonly completenessDrop: {
    readonly severity: Severity;
    /** Percentage points by which the share of missing values must grow, beyond what chance explains. */
    readonly points: number;
    readonly columns: readonly number[] | undefined;
  };
  readonly shift: {
    readonly severity: Severity;
    /** Least effect that is worth a word: population stability index of categories, Kolmogorov-Smirnov distance of numbers. */
    readonly atLeast: number;
    readonly columns: readonly number[] | undefined;
    /** Tag of the dataset version that batches are held against; the last batches when absent. */
    readonly reference?: string | undefined;
  };
  readonly rowCountChange?: { readonly severity: Severity; readonly maxPercent: number } | undefined;
  readonly labelFlood: {
    readonly severity: Severity;
    /** Most labelled rows of one sender in 24 hours. */
    readonly maxRowsPerDay?: number | undefined;
    /** Percentage points between the share of a label with one sender and with all others. */
    readonly points: number;
  };
}

export const defaultHistoryRules: HistoryRules = {
  completenessDrop: { severity: 'warning', points: 2, columns: undefined },
  shift: { severity: 'warning', atLeast: 0.1, columns: undefined },
  labelFlood: { severity: 'warning', points: 20 },
};

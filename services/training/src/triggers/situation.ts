import type { z } from 'zod';
import type { triggers } from '../pipelines/triggers.schema.js';

/** Why somebody thinks of training. */
export type Cause = 'dataset-published' | 'drift-detected' | 'performance-degraded' | 'schedule' | 'manual';

/** One reason of a decision; the code tells two decisions apart, the text is for people. */
export interface Reason {
  readonly code: string;
  readonly text: string;
}

export type TriggerRules = z.infer<typeof triggers>;

/** What is known of the data that came since the last training. */
export interface DataFacts {
  /** Batches of which the checks are still under way. */
  readonly uncheckedBatches: readonly string[];
  readonly recordCount: number;
  readonly quarantinedCount: number;
  readonly duplicateCount: number;
  /** Labelled rows and those of them that mean "yes", in the data trained on last; absent before the first training. */
  readonly labelsBefore?: LabelCounts | undefined;
  readonly labelsSince?: LabelCounts | undefined;
  /** What is counted of the labels where it is not "yes": a class, or numbers above the median of before. */
  readonly labelName?: string | undefined;
  /** Labels of the model's predictions since the last training, by how their cases were selected. */
  readonly selections: Readonly<Record<string, number>>;
}

export interface LabelCounts {
  readonly rowCount: number;
  readonly positiveCount: number;
}

/** Everything the decision rests on. */
export interface Situation {
  readonly cause: Cause;
  readonly rules: TriggerRules;
  readonly now: Date;
  readonly isLoopFrozen: boolean;
  readonly activeRunId?: string | undefined;
  /** When the last run of the pipeline was requested. */
  readonly lastRunAt?: Date | undefined;
  /** When a person last declined a proposal of the pipeline. */
  readonly lastDeclinedAt?: Date | undefined;
  readonly hasSucceededRun: boolean;
  /** Datasets the pipeline reads that have no version yet. */
  readonly unpublishedDatasets: readonly string[];
  /** Labelled rows that the dataset version last trained on did not have. */
  readonly newLabelledRows: number;
  /** Rows, labelled or not, that it did not have. */
  readonly newRows?: number | undefined;
  /** Features of the pipeline that drifted; empty for other causes. */
  readonly driftedFeatures: readonly string[];
  /** Those of them that are broken in the same window. */
  readonly brokenFeatures: readonly string[];
  /** The succeeded run whose data reach beyond the window the cause speaks of. */
  readonly answeredBy?: string | undefined;
  /** Of a schedule: the time that was due. */
  readonly nominalAt?: Date | undefined;
  /** Runs waiting or running in the whole service, and how many there may be. */
  readonly load?: { readonly activeRuns: number; readonly maxActiveRuns: number } | undefined;
  /** Of this pipeline since midnight UTC. */
  readonly usedToday?: { readonly runs: number; readonly computeMinutes: number } | undefined;
  /** Runs in a row, of the pipeline as it is now, that failed or did not beat the champion. */
  readonly lossesInARow?: number | undefined;
  /** Absent where nobody looked: something else held the run already, or a person asked for it. */
  readonly data?: DataFacts | undefined;
}

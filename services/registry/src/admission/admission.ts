import type { ModelSignature } from '@bascule/contracts';
import type { FileFacts } from './file-inspection.js';
import type { SampleTensor } from './sample-rows.js';

/** Rows per run that the probe measures. */
export const probeBatches = [1, 8, 32, 128] as const;

/** What running the model with so many rows took. */
export interface BatchProbe {
  readonly rows: number;
  readonly runs: number;
  /** Of one run on one thread, in milliseconds. */
  readonly medianMs: number;
  readonly p95Ms: number;
  /** Resident memory of the process afterwards, model and runtime included. */
  readonly residentBytes: number;
}

/** What came out of inspecting and probing a version that was let in. */
export interface Admission {
  readonly file: FileFacts;
  readonly runtime: string;
  readonly loadMs: number;
  readonly batches: BatchProbe[];
  /** What does not keep the version out but should be known. */
  readonly cautions: string[];
}

/** What the probing process is given, before the bytes of the model. */
export interface ProbeTask {
  readonly signature: ModelSignature;
  /** Requests that the model has to answer: rows as the reference profile or the sender knows them. */
  readonly samples: readonly (readonly SampleTensor[])[];
  /** The sender gave them, as rows that the model has to know. */
  readonly areSamplesGiven?: boolean;
  /** In place of measuring batches: so many requests per second, for so long. */
  readonly load?: LoadPlan;
  /** In place of measuring: what is answered to the samples. */
  readonly isTrial?: boolean;
}

/** One output of an answer: values row by row, whole numbers beyond the exact ones as text, null for NaN. */
export interface AnswerTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: readonly (number | string | boolean | null)[];
}

/** Requests that come on time, whether or not those before were answered. */
export interface LoadPlan {
  readonly requestsPerSecond: number;
  readonly rowsPerRequest: number;
  readonly seconds: number;
}

/** What a model did under load; times are in milliseconds and count from when a request was due. */
export interface LoadFinding {
  readonly offeredPerSecond: number;
  readonly answeredPerSecond: number;
  readonly rowsPerRequest: number;
  readonly seconds: number;
  readonly requestCount: number;
  /** Wrong answers, and requests that were not answered by the end. */
  readonly failedCount: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
}

/** What the probing process tells, one JSON per line: where it is, then what it found. */
export type ProbeMessage =
  | { readonly stage: string }
  | { readonly faults: readonly string[] }
  | { readonly admission: Admission }
  | { readonly load: LoadFinding }
  | { readonly answers: readonly (readonly AnswerTensor[])[] };

export interface AdmissionVerdict {
  readonly faults: readonly string[];
  readonly admission?: Admission;
  readonly load?: LoadFinding;
  readonly answers?: readonly (readonly AnswerTensor[])[];
}

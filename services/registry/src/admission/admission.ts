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
}

/** What the probing process tells, one JSON per line: where it is, then what it found. */
export type ProbeMessage = { readonly stage: string } | { readonly faults: readonly string[] } | { readonly admission: Admission };

export type AdmissionVerdict = { readonly faults: readonly string[]; readonly admission?: Admission };

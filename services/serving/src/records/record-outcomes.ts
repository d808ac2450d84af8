import type { BasculeError, ErrorKind, ProblemItem } from '@bascule/platform';
import { invalidRecord, noRecordAnswered } from '../errors.js';
import type { RecordAnswer } from './answer-plan.js';
import { maxFaults, type RecordFault } from './read-features.js';

/** Why one record has no answer. */
export interface RecordError {
  readonly code: string;
  readonly detail: string;
  readonly remedy: string;
  /** True when the same record may have an answer a little later. */
  readonly retryable: boolean;
  readonly errors?: readonly RecordFault[];
}

/** What became of one record. */
export interface Outcome extends RecordAnswer {
  readonly id?: string;
  readonly predictionId?: string;
  readonly version?: number;
  /** Values that the contract of the training data does not allow. */
  readonly warnings?: readonly RecordFault[];
  readonly error?: RecordError;
}

export interface RecordsAnswer {
  readonly modelName: string;
  /** One per record, in order. */
  readonly predictions: readonly Outcome[];
  readonly answered: number;
  readonly refused: number;
  /** Signed proof that rows were captured, one per run, when the call wanted it. */
  readonly receipts?: readonly string[];
}

const passingKinds: readonly ErrorKind[] = ['throttled', 'unavailable', 'deadline'];
const ownKinds: readonly ErrorKind[] = ['unprocessable', 'invalid', ...passingKinds];

/** True for what may be over a little later. */
export function isPassing({ kind }: BasculeError): boolean {
  return passingKinds.includes(kind);
}

/** True for a failure that concerns the records of one run, and not the whole request. */
export function isOfRecords({ kind }: BasculeError): boolean {
  return ownKinds.includes(kind);
}

/** A record that cannot be read, with its faults. */
export function refusedRecord({ id, faults }: { readonly id?: string | undefined; readonly faults: readonly RecordFault[] }): Outcome {
  const [first] = faults;
  const named = first && (first.path === '' ? first.message : `${first.path}: ${first.message}`);
  return failedRecord(id, invalidRecord({}, withMore(named, faults.length)), faults);
}

/** A record that could not be answered. */
export function failedRecord(id: string | undefined, error: BasculeError, faults?: readonly RecordFault[]): Outcome {
  const { code, detail, remedy } = error;
  const errors = faults ? { errors: faults.slice(0, maxFaults) } : {};
  return { ...(id ? { id } : {}), error: { code, detail, remedy, retryable: isPassing(error), ...errors } };
}

/** The answer of a request; records without an outcome yet are left out. */
export function answerOf(modelName: string, outcomes: readonly Outcome[], receipts: readonly string[] = []): RecordsAnswer {
  const predictions = outcomes.filter((outcome) => outcome !== undefined);
  const refused = predictions.filter(({ error }) => error !== undefined).length;
  return { modelName, predictions, answered: predictions.length - refused, refused, ...(receipts.length > 0 ? { receipts } : {}) };
}

/**
 * A request of which nothing was answered is an error as a whole.
 * @throws what kept a record from its answer for the moment, else serving.no_record_answered with what is wrong where
 */
export function requireSomeAnswer(outcomes: readonly Outcome[], failures: readonly BasculeError[]): void {
  if (outcomes.some(({ error }) => error === undefined)) return;
  const passing = failures.find(isPassing);
  if (passing) throw passing;
  const errors = outcomes.flatMap((outcome, index): (ProblemItem & { reason?: string })[] => itemsOf(outcome, `records[${index}]`));
  const first = errors[0] ? `${errors[0].path}: ${errors[0].message}` : 'there are none';
  throw noRecordAnswered({ errors: errors.slice(0, maxFaults) }, withMore(first, errors.length));
}

function itemsOf({ error }: Outcome, where: string): (ProblemItem & { reason?: string })[] {
  if (!error) return [];
  if (!error.errors) return [{ path: where, message: error.detail }];
  return error.errors.map(({ path, reason, message }) => ({ path: path === '' ? where : `${where}.${path}`, reason, message }));
}

function withMore(first: string | undefined, count: number): string | undefined {
  if (count <= 1) return first;
  return count >= maxFaults ? `${first}, and many more` : `${first}, and ${count - 1} more`;
}

import { BasculeError } from '@bascule/platform';
import { deadlineExceeded, modelSuspended, runtimeUnavailable } from '../errors.js';

/**
 * What a failure says about the version that was asked. `none`: nothing (too much to do, nobody waiting, a client's own mistake, a
 * record that cannot be kept). `suspect`: the version is bad, or what it was asked. `aftermath`: the same of an earlier failure,
 * which took its process down.
 */
export type FailureKind = 'none' | 'suspect' | 'aftermath';

const notItsFault = new Set(['serving.queue_full', 'serving.capture_unavailable', 'serving.overloaded']);
const aftermath = new Set([modelSuspended, runtimeUnavailable].map(({ definition }) => definition.code));
const suspect = new Set<BasculeError['kind']>(['unprocessable', 'unavailable', 'deadline']);

/** True for what was not answered in time. Of what waits behind everything live that says little. */
export function isLate(error: unknown): boolean {
  return error instanceof BasculeError && error.code === deadlineExceeded.definition.code;
}

export function failureKind(error: unknown): FailureKind {
  if (!(error instanceof BasculeError)) return 'suspect';
  if (notItsFault.has(error.code)) return 'none';
  if (aftermath.has(error.code)) return 'aftermath';
  return suspect.has(error.kind) ? 'suspect' : 'none';
}

import { BasculeError } from '@bascule/platform';

/** What says nothing about the version: too much to do, nobody waiting, a client's own mistake, a record that cannot be kept. */
const notItsFault = new Set(['serving.queue_full', 'serving.capture_unavailable', 'serving.overloaded']);

/** True for a failure that the version that was asked may be blamed for. */
export function isVersionFault(error: unknown): boolean {
  if (!(error instanceof BasculeError)) return true;
  if (notItsFault.has(error.code)) return false;
  return error.kind === 'unprocessable' || error.kind === 'unavailable' || error.kind === 'deadline';
}

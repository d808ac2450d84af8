import { BasculeError } from '@bascule/platform';
import { deadlineExceeded, inferenceFailed, invalidRecord, modelMemoryExceeded, noRecordAnswered, queueFull } from '../errors.js';

const codesOf = (...errors: readonly { readonly definition: { readonly code: string } }[]): ReadonlySet<string> =>
  new Set(errors.map(({ definition }) => definition.code));

const clientsOwn = codesOf(invalidRecord, noRecordAnswered);
/** Nobody could be asked in the time there was. */
const lateness = codesOf(deadlineExceeded, queueFull);
/** The model could not work with what it was given: its fault, or that of the values. */
const ofValues = codesOf(inferenceFailed, modelMemoryExceeded);

/** Whose fault a request without an answer is, as far as one request shows. */
export type Fault = 'endpoint' | 'values' | 'client';

/**
 * Who has to answer for a request that came to nothing. What the client got wrong, what the limits of its key forbid, and an
 * answer that could not be had in less time than an endpoint promises (`promisedMs`) says nothing about the endpoint.
 */
export function faultOf(error: unknown, allowedMs: number, promisedMs: number): Fault {
  if (!(error instanceof BasculeError)) return 'endpoint';
  const { kind, code } = error;
  if (ofValues.has(code)) return 'values';
  if (isLateness(code)) return allowedMs < promisedMs ? 'client' : 'endpoint';
  if (clientsOwn.has(code)) return 'client';
  return kind === 'unprocessable' || kind === 'unavailable' || kind === 'deadline' ? 'endpoint' : 'client';
}

/** True for an error that says nothing but that there was not enough time. */
export function isLateness(code: string): boolean {
  return lateness.has(code);
}

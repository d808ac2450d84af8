import { BasculeError } from '@bascule/platform';
import { invalidRecord, noRecordAnswered, queueFull } from '../errors.js';

const clientsOwn = new Set([invalidRecord, noRecordAnswered].map(({ definition }) => definition.code));

/**
 * True for a request that the endpoint should have answered and did not: it failed, came too late, or found no room. What the
 * client got wrong, and what the limits of its key forbid, says nothing about the endpoint.
 */
export function isEndpointFault(error: unknown): boolean {
  if (!(error instanceof BasculeError)) return true;
  const { kind, code } = error;
  if (clientsOwn.has(code)) return false;
  return kind === 'unprocessable' || kind === 'unavailable' || kind === 'deadline' || code === queueFull.definition.code;
}

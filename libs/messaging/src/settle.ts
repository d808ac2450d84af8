import { BasculeError, type ErrorKind, isLostRace, isOutage } from '@bascule/platform';
import { MalformedMessage } from './envelope.js';

/** What becomes of a message whose handler failed. */
export type Settlement =
  /** Keep the message in hand and try again: something we depend on is away. */
  | { readonly outcome: 'hold'; readonly delayMs: number; readonly reason: string }
  | { readonly outcome: 'retry'; readonly delayMs: number; readonly reason: string; readonly code: string }
  | { readonly outcome: 'dead-letter'; readonly reason: string; readonly code: string };

const hopelessKinds: readonly ErrorKind[] = ['invalid', 'forbidden', 'conflict', 'unprocessable', 'too_large'];

/** First wait and longest wait per kind of error, doubled in between. */
const backoffMs: Partial<Record<ErrorKind, readonly [first: number, longest: number]>> = {
  not_found: [250, 60_000], // facts overtake one another by milliseconds, rarely by more
  unavailable: [1000, 60_000],
  throttled: [2000, 120_000],
  deadline: [1000, 60_000],
};
const backoffUnknownMs = [500, 60_000] as const;
const lostRaceMs = 100;
const longestHoldMs = 15_000;

export interface Failure {
  readonly error: unknown;
  /** 1 for the first try. */
  readonly attempt: number;
  readonly maxAttempts: number;
  /** Times the message was held because of an outage. */
  readonly holds: number;
  readonly retryDelaysMs?: readonly number[];
}

/** Decides what to do after a failure, by the kind of the error and the number of tries. */
export function decideSettlement({ error, attempt, maxAttempts, holds, retryDelaysMs }: Failure): Settlement {
  const reason = reasonOf(error);
  if (error instanceof MalformedMessage) return { outcome: 'dead-letter', reason, code: 'messaging.malformed' };
  const kind = error instanceof BasculeError ? error.kind : undefined;
  const code = error instanceof BasculeError ? error.code : 'messaging.unexpected';
  if (kind && hopelessKinds.includes(kind)) return { outcome: 'dead-letter', reason, code };
  if (!kind && isOutage(error)) return { outcome: 'hold', delayMs: doubled(250, longestHoldMs, holds + 1), reason };
  if (attempt >= maxAttempts) return { outcome: 'dead-letter', reason, code };
  if (retryDelaysMs?.length) {
    return { outcome: 'retry', delayMs: retryDelaysMs[Math.min(attempt, retryDelaysMs.length) - 1]!, reason, code };
  }
  if (!kind && isLostRace(error)) return { outcome: 'retry', delayMs: lostRaceMs * attempt, reason, code };
  const [first, longest] = (kind && backoffMs[kind]) ?? backoffUnknownMs;
  return { outcome: 'retry', delayMs: doubled(first, longest, attempt), reason, code };
}

function doubled(first: number, longest: number, attempt: number): number {
  return Math.min(longest, first * 2 ** (attempt - 1));
}

function reasonOf(error: unknown): string {
  if (error instanceof BasculeError) return [error.title, error.detail].filter(Boolean).join(': ');
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

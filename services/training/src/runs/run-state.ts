/** Where a run is: waiting, worked on, or ended in one of three ways. */
export const runStatuses = ['queued', 'running', 'succeeded', 'failed', 'cancelled'] as const;
export type RunStatus = (typeof runStatuses)[number];

const moves: Record<RunStatus, readonly RunStatus[]> = {
  queued: ['running', 'cancelled', 'failed'],
  // back to queued: the attempt broke off and another one follows
  running: ['running', 'queued', 'succeeded', 'failed', 'cancelled'],
  succeeded: [],
  failed: [],
  cancelled: [],
};

/** True when a run may go from one status to the other. */
export function mayMove(from: RunStatus, to: RunStatus): boolean {
  return moves[from].includes(to);
}

/** True when nothing more will happen to the run. */
export function isFinal(status: RunStatus): boolean {
  return moves[status].length === 0;
}

/** Broken-off attempts after which a run fails. */
export const maxFailures = 3;
const retryDelaysMs = [1_000, 5_000] as const;

export type NextMove = { outcome: 'retry'; delayMs: number; reason: string } | { outcome: 'fail'; reason: string };

/** What follows an attempt that broke off: another one after a growing delay, or the end. */
export function decideAfterFailure(failures: number, reason: string): NextMove {
  if (failures >= maxFailures) return { outcome: 'fail', reason: `gave up after ${failures} attempts; the last one: ${reason}` };
  return { outcome: 'retry', delayMs: retryDelaysMs[failures - 1] ?? 5_000, reason };
}

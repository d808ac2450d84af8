import type { RunEntity } from './run.entity.js';

/** What clients see of a run: not the lease. */
export const viewOf = ({ id, leaseOwner, leaseExpiresAt, availableAt, lastEventId, attemptStartedAt, computeMs, ...run }: RunEntity) => ({
  runId: id,
  ...run,
  computeSeconds: Number(computeMs) / 1000,
});
export type RunView = ReturnType<typeof viewOf>;

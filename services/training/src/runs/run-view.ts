import type { RunEntity } from './run.entity.js';

/** What clients see of a run: not the lease. */
export const viewOf = ({ id, leaseOwner, leaseExpiresAt, availableAt, lastEventId, ...run }: RunEntity) => ({ runId: id, ...run });
export type RunView = ReturnType<typeof viewOf>;

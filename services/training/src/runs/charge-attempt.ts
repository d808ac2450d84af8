import type { EntityManager } from 'typeorm';

/** Adds the time of the attempt under way to what its run has computed; of a silent holder, until its lease ended. */
export async function chargeAttempt(manager: EntityManager, runId: string): Promise<void> {
  await manager.query(
    `update runs set attempt_started_at = null, compute_ms = compute_ms +
       greatest(0, extract(epoch from least(now(), coalesce(lease_expires_at, now())) - attempt_started_at) * 1000)::bigint
     where id = $1 and attempt_started_at is not null`,
    [runId],
  );
}

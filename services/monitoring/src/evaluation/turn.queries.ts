import type { EntityManager } from 'typeorm';

/**
 * Lets one transaction at a time read, judge and write verdicts. One replica evaluates; this holds also in the moment
 * in which a replica that lost its session has not noticed yet that another took over.
 */
export async function takeTurn(manager: EntityManager): Promise<void> {
  await manager.query(`select pg_advisory_xact_lock(hashtextextended('monitoring-turn-' || current_schema(), 0))`);
}

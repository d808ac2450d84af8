import type { BlockGap } from '@bascule/proofs';
import type { EntityManager } from 'typeorm';

const mostGaps = 100;

/** Blocks that producers counted and the log does not hold. Gateways count from 1. */
export async function findGaps(manager: EntityManager, producers: readonly string[]): Promise<BlockGap[]> {
  return manager.query<BlockGap[]>(
    `SELECT producer, ("before" + 1)::float8 AS "from", (block_sequence - 1)::float8 AS "to" FROM (
       SELECT producer, block_sequence, lag(block_sequence, 1, 0::bigint) OVER (PARTITION BY producer ORDER BY block_sequence) AS "before"
       FROM audit_entries WHERE producer = ANY ($1)
     ) AS numbered WHERE block_sequence > "before" + 1 ORDER BY 1, 2 LIMIT ${mostGaps}`,
    [producers],
  );
}

/** How many predictions these producers said they dropped. */
export async function sumDropped(manager: EntityManager, producers: readonly string[]): Promise<number> {
  const [row] = await manager.query<{ dropped: number }[]>(
    `SELECT coalesce(sum(dropped), 0)::float8 AS dropped FROM (SELECT max(dropped) AS dropped FROM audit_entries WHERE producer = ANY ($1) GROUP BY producer) AS last`,
    [producers],
  );
  return row?.dropped ?? 0;
}

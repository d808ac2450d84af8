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

/** Blocks at the end of producers that said, or of which was said, how far they had counted. */
export async function findLostEnds(manager: EntityManager, producers: readonly string[]): Promise<BlockGap[]> {
  return manager.query<BlockGap[]>(
    `SELECT * FROM (
       SELECT p.producer, coalesce((SELECT max(block_sequence) FROM audit_entries WHERE producer = p.producer), 0)::float8 + 1 AS "from",
         (SELECT max((convert_from(e.payload, 'UTF8')::jsonb ->> 'lastSequence')::float8) FROM audit_references r
          JOIN audit_entries e ON e.index = r.entry_index
          WHERE r.reference = 'producer/' || p.producer AND e.type = 'serving.gateway.stopped.v1' AND e.payload IS NOT NULL) AS "to"
       FROM unnest($1::text[]) AS p (producer)
     ) AS ends WHERE "to" >= "from"`,
    [[...new Set(producers)]],
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

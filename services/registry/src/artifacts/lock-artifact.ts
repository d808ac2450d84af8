import type { EntityManager } from 'typeorm';

/** Holds an artifact until the transaction ends: nobody collects it meanwhile, and nobody registers what is being collected. */
export async function lockArtifact(manager: EntityManager, digest: string): Promise<void> {
  await manager.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`artifact/${digest}`]);
}

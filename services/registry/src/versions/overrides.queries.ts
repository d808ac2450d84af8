import type { EntityManager } from 'typeorm';
import type { VersionEntity } from './version.entity.js';
import type { VersionView } from './versions.schema.js';

interface Row {
  readonly modelName: string;
  readonly version: number;
  readonly promotionId: string;
  readonly environment: string;
  readonly override: { by: string; reason: string };
  readonly status: string;
  readonly createdAt: Date;
}

/** Promotions that passed over gates, of each of these versions, the oldest first. */
export async function overridesOf(manager: EntityManager, versions: readonly VersionEntity[]): Promise<VersionView['overrides'][]> {
  if (versions.length === 0) return [];
  const rows = (await manager.query(
    `select model_name as "modelName", version, promotion_id as "promotionId", environment, override, status, created_at as "createdAt"
       from promotions join unnest($1::text[], $2::int[]) as asked (model_name, version) using (model_name, version)
       where override is not null order by promotion_id`,
    [versions.map(({ modelName }) => modelName), versions.map(({ version }) => version)],
  )) as Row[];
  return versions.map(({ modelName, version }) =>
    rows
      .filter((row) => row.modelName === modelName && row.version === version)
      .map(({ promotionId, environment, override, status, createdAt }) => {
        return { promotionId, environment, by: override.by, reason: override.reason, at: createdAt.toISOString(), status };
      }),
  );
}

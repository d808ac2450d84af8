import { entityName, environment, instant, uuid, versionNumber } from '@bascule/contracts';
import { pageQuery, pageSchema } from '@bascule/platform';
import { z } from 'zod';
import type { AliasEntity } from './alias.entity.js';
import type { AliasMoveEntity } from './alias-move.entity.js';

export const historyQuery = pageQuery.extend({ environment: environment.default('production') });
export type HistoryQuery = z.infer<typeof historyQuery>;

export const productionQuery = z.object({ at: instant.optional() });
export type ProductionQuery = z.infer<typeof productionQuery>;

const pointer = { environment, alias: entityName, version: versionNumber, promotionId: uuid, rolloutId: uuid };

/** Where an alias points now. */
export const aliasSchema = z.object({ ...pointer, movedAt: instant }).meta({ id: 'Alias' });
export type AliasView = z.infer<typeof aliasSchema>;
export const aliasPage = pageSchema(aliasSchema).meta({ id: 'AliasPage' });

/** One stay of an alias at a version: from inclusive, to exclusive, null while it lasts. */
export const aliasMoveSchema = z
  .object({ ...pointer, modelName: entityName, previousVersion: versionNumber.nullable(), from: instant, to: instant.nullable() })
  .meta({ id: 'AliasMove' });
export type AliasMoveView = z.infer<typeof aliasMoveSchema>;
export const aliasMovePage = pageSchema(aliasMoveSchema).meta({ id: 'AliasMovePage' });

export function aliasView({ environment, alias, version, movedAt, promotionId, rolloutId }: AliasEntity): AliasView {
  return { environment, alias, version, movedAt: movedAt.toISOString(), promotionId, rolloutId };
}

export function aliasMoveView(move: AliasMoveEntity): AliasMoveView {
  return {
    modelName: move.modelName,
    environment: move.environment,
    alias: move.alias,
    version: move.version,
    previousVersion: move.previousVersion,
    from: move.fromAt.toISOString(),
    to: move.toAt?.toISOString() ?? null,
    promotionId: move.promotionId,
    rolloutId: move.rolloutId,
  };
}

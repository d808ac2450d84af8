import { environment, instant } from '@bascule/contracts';
import { pageQuery } from '@bascule/platform';
import { z } from 'zod';
import type { AliasEntity } from './alias.entity.js';
import type { AliasMoveEntity } from './alias-move.entity.js';

export const historyQuery = pageQuery.extend({ environment: environment.default('production') });
export type HistoryQuery = z.infer<typeof historyQuery>;

export const productionQuery = z.object({ at: instant.optional() });
export type ProductionQuery = z.infer<typeof productionQuery>;

export function aliasView({ environment, alias, version, movedAt, promotionId, rolloutId }: AliasEntity) {
  return { environment, alias, version, movedAt: movedAt.toISOString(), promotionId, rolloutId };
}
export type AliasView = ReturnType<typeof aliasView>;

export function aliasMoveView(move: AliasMoveEntity) {
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
export type AliasMoveView = ReturnType<typeof aliasMoveView>;

import { entityName, environment, instant, pastInstant, uuid, versionNumber } from '@bascule/contracts';
import { pageQuery, pageSchema } from '@bascule/platform';
import { z } from 'zod';
import type { AliasEntity } from './alias.entity.js';
import type { AliasMoveEntity } from './alias-move.entity.js';

export const historyQuery = pageQuery.extend({ environment: environment.default('production') }).strict();
export type HistoryQuery = z.infer<typeof historyQuery>;

/** Name of a new alias: digits alone would be taken for a version. */
export const aliasName = entityName.refine((name) => !/^\d+$/.test(name), 'digits alone look like a version');

/** Body that points an alias at a version. */
export const aliasBody = z
  .strictObject({ version: versionNumber, environment: environment.default('production'), reason: z.string().trim().min(3).max(1000) })
  .meta({ id: 'PointAlias' });
export type AliasBody = z.infer<typeof aliasBody>;

/** Without an environment: of all. */
export const aliasesQuery = z.strictObject({ environment: environment.optional() });
export type AliasesQuery = z.infer<typeof aliasesQuery>;

export const aliasQuery = z.strictObject({ environment: environment.default('production'), at: pastInstant.optional() });
export type AliasQuery = z.infer<typeof aliasQuery>;

export const removeAliasQuery = z.strictObject({
  environment: environment.default('production'),
  reason: z.string().trim().min(3).max(1000),
});
export type RemoveAliasQuery = z.infer<typeof removeAliasQuery>;

export const productionQuery = z.strictObject({ at: pastInstant.optional() });
export type ProductionQuery = z.infer<typeof productionQuery>;

const pointer = { environment, alias: entityName, promotionId: uuid.nullable(), rolloutId: uuid.nullable() };

/** Where an alias points now. */
export const aliasSchema = z
  .object({
    ...pointer,
    version: versionNumber,
    movedAt: instant,
    /** Present when the version came up although gates had failed. */
    override: z.object({ by: z.string(), reason: z.string() }).nullable(),
  })
  .meta({ id: 'Alias' });
export type AliasView = z.infer<typeof aliasSchema>;
export const aliasPage = pageSchema(aliasSchema).meta({ id: 'AliasPage' });

/** One stay of an alias at a version, or at none (null) after it was removed: from inclusive, to exclusive, null while it lasts. */
export const aliasMoveSchema = z
  .object({
    ...pointer,
    modelName: entityName,
    version: versionNumber.nullable(),
    previousVersion: versionNumber.nullable(),
    from: instant,
    to: instant.nullable(),
    /** Who moved it: the person, or the approver of the promotion. */
    movedBy: z.string().nullable(),
    reason: z.string().nullable(),
    /** What spoke for the move, as it was known then: request, votes, gates and rollout of a promotion. */
    evidence: z.record(z.string(), z.unknown()).nullable(),
  })
  .meta({ id: 'AliasMove' });
export type AliasMoveView = z.infer<typeof aliasMoveSchema>;
export const aliasMovePage = pageSchema(aliasMoveSchema).meta({ id: 'AliasMovePage' });

export function aliasView({ environment, alias, version, movedAt, promotionId, rolloutId, override }: AliasEntity): AliasView {
  return { environment, alias, version, movedAt: movedAt.toISOString(), promotionId, rolloutId, override };
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
    movedBy: move.movedBy,
    reason: move.reason,
    evidence: move.evidence,
  };
}

import { environment, rolloutStrategy } from '@bascule/contracts';
import { z } from 'zod';
import type { PromotionEntity } from './promotion.entity.js';

const strategy = rolloutStrategy.refine(
  ({ steps }) => steps.at(-1) === 100 && steps.every((step, index) => index === 0 || step > steps[index - 1]!),
  'steps grow and end at 100',
);

/** Body of a promotion request. */
export const promotionBody = z
  .object({
    environment,
    strategy: strategy.optional(),
    /** Passes over failed gates; recorded with who and why. */
    override: z.object({ reason: z.string().trim().min(10).max(1000) }).optional(),
  })
  .meta({ id: 'RequestPromotion' });
export type PromotionBody = z.infer<typeof promotionBody>;

/** A promotion as the API shows it. */
export function promotionView(promotion: PromotionEntity) {
  return {
    promotionId: promotion.promotionId,
    modelName: promotion.modelName,
    version: promotion.version,
    environment: promotion.environment,
    status: promotion.status,
    requestedBy: promotion.requestedBy,
    gates: promotion.gates,
    override: promotion.override,
    strategy: promotion.strategy,
    championVersion: promotion.championVersion,
    approval: promotion.approval,
    rolloutId: promotion.rolloutId,
    reasons: promotion.reasons,
    createdAt: promotion.createdAt.toISOString(),
    decidedAt: promotion.decidedAt?.toISOString() ?? null,
    endedAt: promotion.endedAt?.toISOString() ?? null,
  };
}
export type PromotionView = ReturnType<typeof promotionView>;

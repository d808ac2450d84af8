import {
  abMetric,
  abTest,
  approvalRequirement,
  castVote,
  defaultApprovals,
  entityName,
  environment,
  gateResult,
  instant,
  rolloutStrategy,
  strategyFaults,
  uuid,
  versionNumber,
} from '@bascule/contracts';
import { pageSchema } from '@bascule/platform';
import { z } from 'zod';
import { metricsOrigin } from '../versions/metrics-origin.js';
import type { PromotionEntity } from './promotion.entity.js';
import { withSteps } from './promotion-policy.js';

const [decisionMetric, labelMetric] = abMetric.options;
const strategy = rolloutStrategy
  .extend({
    /** May be left out but for an A/B test: 10, 50 and 100 of a canary, 100 of everything else. */
    steps: rolloutStrategy.shape.steps.optional(),
    test: abTest
      .extend({ metric: z.discriminatedUnion('kind', [decisionMetric.strict(), labelMetric.strict()]) })
      .strict()
      .optional(),
  })
  .strict()
  .superRefine((asked, context) => {
    for (const fault of strategyFaults(withSteps(asked))) context.addIssue({ code: 'custom', message: fault });
  });

/** Body of a promotion request. */
export const promotionBody = z
  .strictObject({
    environment,
    strategy: strategy.optional(),
    /** Passes over failed gates; recorded with who and why. */
    override: z.strictObject({ reason: z.string().trim().min(10).max(1000) }).optional(),
  })
  .meta({ id: 'RequestPromotion' });
export type PromotionBody = z.infer<typeof promotionBody>;

export const withdrawBody = z.strictObject({ reason: z.string().trim().min(3).max(1000) }).meta({ id: 'WithdrawPromotion' });
export type WithdrawBody = z.infer<typeof withdrawBody>;

/** A promotion as the API shows it. */
export const promotionSchema = z
  .object({
    promotionId: uuid,
    modelName: entityName,
    version: versionNumber,
    environment,
    status: z.enum(['requested', 'waiting', 'approved', 'completed', 'rolled-back', 'aborted', 'refused']),
    requestedBy: z.string(),
    /** As they answered when it was asked for. */
    gates: z.array(gateResult),
    /** Whether the metrics the gates weighed were measured here, or by whom they were declared. */
    metricsOrigin: z.string(),
    override: z.object({ by: z.string(), reason: z.string() }).nullable(),
    strategy: rolloutStrategy,
    championVersion: versionNumber.nullable(),
    /** Who has to say yes. */
    approvals: z.array(approvalRequirement),
    /** What was said; votes of promotions that are still open are at governance. */
    approval: z
      .object({ approvalId: uuid.nullable(), decidedBy: z.string(), reason: z.string(), votes: z.array(castVote).optional() })
      .nullable(),
    /** What the gates said as it was decided, by the policy and the champion of then. */
    decision: z.object({ gates: z.array(gateResult), championVersion: versionNumber.nullable(), policyRevision: z.int() }).nullable(),
    rolloutId: uuid.nullable(),
    policyRevision: z.int().nullable(),
    expiresAt: instant.nullable(),
    reasons: z.array(z.string()),
    createdAt: instant,
    decidedAt: instant.nullable(),
    endedAt: instant.nullable(),
  })
  .meta({ id: 'Promotion' });
export type PromotionView = z.infer<typeof promotionSchema>;
export const promotionPage = pageSchema(promotionSchema).meta({ id: 'PromotionPage' });

export const readinessQuery = z.strictObject({ environment: environment.default('production') });
/** How a version stands at this moment. */
export const readinessSchema = z
  .object({
    modelName: entityName,
    version: versionNumber,
    environment,
    isReady: z.boolean(),
    gates: z.array(gateResult),
    championVersion: versionNumber.nullable(),
    /** 0 when the model has no policy of its own. */
    policyRevision: z.int().min(0),
  })
  .meta({ id: 'Readiness' });
export type ReadinessView = z.infer<typeof readinessSchema>;

export function promotionView(promotion: PromotionEntity): PromotionView {
  return {
    promotionId: promotion.promotionId,
    modelName: promotion.modelName,
    version: promotion.version,
    environment: promotion.environment,
    status: promotion.status,
    requestedBy: promotion.requestedBy,
    gates: promotion.gates,
    metricsOrigin: metricsOrigin(promotion.metricsDeclaredBy),
    override: promotion.override,
    strategy: promotion.strategy,
    championVersion: promotion.championVersion,
    approvals: [...(promotion.approvals ?? defaultApprovals)],
    approval: promotion.approval && { ...promotion.approval, votes: [...(promotion.approval.votes ?? [])] },
    decision: promotion.decision,
    rolloutId: promotion.rolloutId,
    policyRevision: promotion.policyRevision,
    expiresAt: promotion.expiresAt?.toISOString() ?? null,
    reasons: promotion.reasons,
    createdAt: promotion.createdAt.toISOString(),
    decidedAt: promotion.decidedAt?.toISOString() ?? null,
    endedAt: promotion.endedAt?.toISOString() ?? null,
  };
}

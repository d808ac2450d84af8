import { entityName, instant } from '@bascule/contracts';
import { pageSchema } from '@bascule/platform';
import { z } from 'zod';
import type { PolicyEntity } from './policy.entity.js';

const metricName = z.string().min(1).max(100);

/** What a version has to show before it may be promoted. What is left out is not asked for. */
export const promotionPolicy = z
  .object({
    /** In place of the rules for `auc` that hold otherwise. */
    metrics: z
      .object({
        floors: z.record(metricName, z.number()).default({}),
        ceilings: z.record(metricName, z.number()).default({}),
        /** Not worse than the champion on the same rows, but for the tolerance. */
        notWorseThanChampion: z
          .object({ metric: metricName, tolerance: z.number().min(0), isHigherBetter: z.boolean().default(true) })
          .optional(),
      })
      .optional(),
    /** By the probe, for that many rows at once: latency of one run in milliseconds, resident memory in bytes. */
    probe: z
      .object({
        rows: z.union([z.literal(1), z.literal(8), z.literal(32), z.literal(128)]).default(1),
        maxP95Ms: z.number().positive().optional(),
        maxResidentBytes: z.int().positive().optional(),
      })
      .optional(),
    /** True: metrics that somebody declared do not count, and the data it was trained on is known. */
    isProvenanceRequired: z.boolean().default(false),
    /** Names of tags that have to be set, for example the address of a review or a model card. */
    requiredTags: z.array(entityName).max(20).default([]),
    /** Approved promotions wait while one of these lasts. */
    freezeWindows: z
      .array(z.object({ from: instant, to: instant, reason: z.string().min(1).max(200) }))
      .max(100)
      .default([]),
    /** After so long without a decision a request ends. */
    expiresHours: z.number().min(0.001).max(8760).default(168),
  })
  .meta({ id: 'PromotionPolicy' });
export type PromotionPolicy = z.infer<typeof promotionPolicy>;

export const defaultPolicy: PromotionPolicy = promotionPolicy.parse({});

export const policyBody = z
  .object({ policy: promotionPolicy, reason: z.string().trim().min(3).max(1000) })
  .meta({ id: 'SetPromotionPolicy' });
export type PolicyBody = z.infer<typeof policyBody>;

/** Revision 0 is what holds for a model that has no policy of its own. */
export const policySchema = z
  .object({
    modelName: entityName,
    revision: z.int().min(0),
    policy: promotionPolicy,
    changedBy: z.string().nullable(),
    reason: z.string().nullable(),
    createdAt: instant.nullable(),
  })
  .meta({ id: 'PromotionPolicyRevision' });
export type PolicyView = z.infer<typeof policySchema>;
export const policyPage = pageSchema(policySchema).meta({ id: 'PromotionPolicyPage' });

export function policyView(modelName: string, held: PolicyEntity | undefined): PolicyView {
  if (!held) return { modelName, revision: 0, policy: defaultPolicy, changedBy: null, reason: null, createdAt: null };
  const { revision, policy, changedBy, reason, createdAt } = held;
  return { modelName, revision, policy, changedBy, reason, createdAt: createdAt.toISOString() };
}

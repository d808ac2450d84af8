import {
  type ApprovalRequirement,
  approvalRequirement,
  askedInstant,
  defaultApprovals,
  type Environment,
  entityName,
  environment,
  instant,
} from '@bascule/contracts';
import { pageSchema } from '@bascule/platform';
import { z } from 'zod';
import type { PolicyEntity } from './policy.entity.js';

const metricName = z.string().min(1).max(100);

/** What a version has to show before it may be promoted. What is left out is not asked for; a name nobody knows is refused. */
export const promotionPolicy = z
  .strictObject({
    /** In place of the rules for `auc` that hold otherwise. */
    metrics: z
      .strictObject({
        floors: z.record(metricName, z.number()).default({}),
        ceilings: z.record(metricName, z.number()).default({}),
        /** Not worse than the champion on the same rows, but for the tolerance. */
        notWorseThanChampion: z
          .strictObject({ metric: metricName, tolerance: z.number().min(0), isHigherBetter: z.boolean().default(true) })
          .optional(),
      })
      .optional(),
    /** By the probe, for that many rows at once: latency of one run in milliseconds, resident memory in bytes. */
    probe: z
      .strictObject({
        rows: z.union([z.literal(1), z.literal(8), z.literal(32), z.literal(128)]).default(1),
        maxP95Ms: z.number().positive().optional(),
        maxResidentBytes: z.int().positive().optional(),
      })
      .optional(),
    /** Not worse than the champion, row by row on the same rows: all of the 95 % interval of the mean difference is within the tolerance. */
    pairedWithChampion: z
      .strictObject({ metric: metricName, tolerance: z.number().min(0), isHigherBetter: z.boolean().default(false) })
      .optional(),
    /** Of the mean gap between what was predicted and what came (expected calibration error). */
    calibration: z.strictObject({ maxError: z.number().min(0).max(1) }).optional(),
    /** Largest gap between the groups of an attribute, by a metric. */
    fairness: z
      .array(z.strictObject({ attribute: z.string().min(1).max(200), metric: metricName, maxDifference: z.number().min(0).max(1) }))
      .max(50)
      .default([]),
    /** What the model promises under load: a load test has to have shown it. */
    objective: z
      .strictObject({
        requestsPerSecond: z.number().positive().max(100_000),
        rowsPerRequest: z.int().min(1).max(1000).default(1),
        maxP99Ms: z.number().positive(),
        /** `gateway`: measured through what will serve it; `model`: the model alone will do. */
        through: z.enum(['gateway', 'model']).default('gateway'),
      })
      .optional(),
    /** Share of the error budget of the endpoint that is left, by what gateways counted in the window; the last count is not older than that. */
    availability: z
      .strictObject({
        minBudgetLeft: z.number().min(0).max(1),
        /** Share of the requests that is to be answered. */
        objective: z.number().gt(0).lt(1).default(0.999),
        windowDays: z.number().positive().max(90).default(28),
        maxAgeHours: z.number().positive().max(8760).default(24),
      })
      .optional(),
    /** Of the batches that the data was made of: the share of records that went to quarantine; and the labelled rows in it. */
    data: z
      .strictObject({ maxQuarantinedShare: z.number().min(0).max(1).optional(), minLabelledRows: z.int().min(0).optional() })
      .optional(),
    /** Names of documents that have to be on record for the version, for example `model-card`. */
    requiredDocuments: z.array(entityName).max(20).default([]),
    /** What active keys asked in so many days has to be answerable; of that, so large a share may not have been recorded. */
    consumers: z
      .strictObject({ days: z.int().min(1).max(90).default(30), maxUnrecordedShare: z.number().min(0).max(1).default(0) })
      .default({ days: 30, maxUnrecordedShare: 0 }),
    /** Who has to say yes, by environment; where nothing is said, one approver. An empty list: nobody, unless gates are passed over. */
    approvals: z.record(environment, z.array(approvalRequirement).max(5)).default({}),
    /** Who may pass over gates that fail; an empty list: nobody. */
    overrideRoles: z.array(z.enum(['scientist', 'operator', 'approver', 'admin'])).default(['scientist', 'admin']),
    /** True: metrics and evidence that somebody declared do not count, and the data it was trained on is known. */
    isProvenanceRequired: z.boolean().default(false),
    /** Names of tags that have to be set, for example the address of a review or a model card. */
    requiredTags: z.array(entityName).max(20).default([]),
    /** Approved promotions wait while one of these lasts. */
    freezeWindows: z
      .array(z.strictObject({ from: askedInstant, to: askedInstant, reason: z.string().min(1).max(200) }))
      .max(100)
      .default([]),
    /** After so long without a decision a request ends. */
    expiresHours: z.number().min(0.001).max(8760).default(168),
  })
  .meta({ id: 'PromotionPolicy' });
export type PromotionPolicy = z.infer<typeof promotionPolicy>;

export const defaultPolicy: PromotionPolicy = promotionPolicy.parse({});

/** Who has to say yes to a promotion. Nobody passes over gates alone: an override always needs one approver. */
export function approvalsFor(policy: PromotionPolicy, to: Environment, hasOverride: boolean): readonly ApprovalRequirement[] {
  const asked = Object.hasOwn(policy.approvals, to) ? policy.approvals[to] : undefined;
  if (asked === undefined || (hasOverride && asked.length === 0)) return defaultApprovals;
  return asked;
}

/** What is set anew has to mean something; one from an earlier release stays readable as it is. */
const newPolicy = promotionPolicy.superRefine(({ freezeWindows }, context) => {
  for (const [index, { from, to }] of freezeWindows.entries()) {
    if (Date.parse(from) < Date.parse(to)) continue;
    context.addIssue({ code: 'custom', path: ['freezeWindows', index, 'to'], message: 'a window ends after it begins' });
  }
});

export const policyBody = z
  .strictObject({ policy: newPolicy, reason: z.string().trim().min(3).max(1000) })
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

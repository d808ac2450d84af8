import { z } from 'zod';
import { defineEvent, type EventOf } from './define-event.js';
import { digest, entityName, environment, metrics, uuid, versionNumber } from './names.js';
import { modelSignature } from './signature.js';

const modelVersion = { modelName: entityName, version: versionNumber };

/** One gate with its evidence. */
export const gateResult = z.object({ gate: z.string(), outcome: z.enum(['pass', 'fail']), reasons: z.array(z.string()) });
export type GateResult = z.infer<typeof gateResult>;

/** How a rollout goes up: share of requests per step, in percent, ending at 100. */
export const rolloutStrategy = z.object({ steps: z.array(z.int().min(1).max(100)).min(1) });
export type RolloutStrategy = z.infer<typeof rolloutStrategy>;

export const versionRegistered = defineEvent('registry.version.registered.v1', {
  about: 'An immutable model version exists.',
  subject: 'modelName',
  data: z.object({
    ...modelVersion,
    /** Absent for a version that was uploaded. */
    runId: uuid.optional(),
    registeredBy: z.string(),
    artifactDigest: digest,
    artifactSizeBytes: z.int().min(1),
    profileDigest: digest.optional(),
    datasetName: entityName.optional(),
    datasetVersion: digest.optional(),
    signature: modelSignature,
    metrics,
  }),
});
export type VersionRegistered = EventOf<typeof versionRegistered>;

export const versionRefused = defineEvent('registry.version.refused.v1', {
  about: 'A run or upload did not become a version.',
  subject: 'modelName',
  data: z.object({ modelName: entityName, runId: uuid.optional(), artifactDigest: digest, reasons: z.array(z.string()).min(1) }),
});
export type VersionRefused = EventOf<typeof versionRefused>;

const promotion = { promotionId: uuid, ...modelVersion, environment };
const override = z.object({ by: z.string(), reason: z.string() });

export const promotionRequested = defineEvent('registry.promotion.requested.v1', {
  about: 'Somebody asks to bring a version into an environment; gates were evaluated.',
  subject: 'promotionId',
  data: z.object({
    ...promotion,
    requestedBy: z.string(),
    gates: z.array(gateResult),
    /** Present when failed gates are to be passed over. */
    override: override.optional(),
    artifactDigest: digest,
    championVersion: versionNumber.optional(),
    metrics,
  }),
});
export type PromotionRequested = EventOf<typeof promotionRequested>;

export const promotionApproved = defineEvent('registry.promotion.approved.v1', {
  about: 'The promotion may go ahead; serving starts a rollout.',
  subject: 'promotionId',
  data: z.object({
    ...promotion,
    requestedBy: z.string(),
    approvedBy: z.string(),
    override: override.optional(),
    artifactDigest: digest,
    artifactSizeBytes: z.int().min(1),
    profileDigest: digest.optional(),
    signature: modelSignature,
    championVersion: versionNumber.optional(),
    strategy: rolloutStrategy,
  }),
});
export type PromotionApproved = EventOf<typeof promotionApproved>;

export const promotionRefused = defineEvent('registry.promotion.refused.v1', {
  about: 'The promotion ends without a rollout.',
  subject: 'promotionId',
  data: z.object({ ...promotion, reasons: z.array(z.string()).min(1) }),
});
export type PromotionRefused = EventOf<typeof promotionRefused>;

export const aliasMoved = defineEvent('registry.alias.moved.v1', {
  about: 'An alias points at another version; the history of these events says what was in production when.',
  subject: 'modelName',
  data: z.object({
    ...modelVersion,
    alias: entityName,
    environment,
    previousVersion: versionNumber.optional(),
    artifactDigest: digest,
    profileDigest: digest.optional(),
    promotionId: uuid,
    rolloutId: uuid,
  }),
});
export type AliasMoved = EventOf<typeof aliasMoved>;

export const versionArchived = defineEvent('registry.version.archived.v1', {
  about: 'A version was retired and can no longer be promoted.',
  subject: 'modelName',
  data: z.object({ ...modelVersion, archivedBy: z.string(), reason: z.string() }),
});
export type VersionArchived = EventOf<typeof versionArchived>;

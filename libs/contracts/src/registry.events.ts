import { z } from 'zod';
import { defineEvent, type EventOf } from './define-event.js';
import { digest, entityName, environment, metrics, uuid, versionNumber } from './names.js';
import { modelSignature } from './signature.js';

const modelVersion = { modelName: entityName, version: versionNumber };

/** Where a version came from. */
export const versionSource = z.enum(['run', 'upload', 'import']);
export type VersionSource = z.infer<typeof versionSource>;
/** Free marks of a model or version, for example `{team: 'claims'}`. */
export const tags = z
  .record(z.string().regex(/^[a-z0-9][a-z0-9._-]{0,62}$/), z.string().max(200))
  .refine((marks) => Object.keys(marks).length <= 50, 'at most 50 tags');
export type Tags = z.infer<typeof tags>;

/** One gate with its evidence. */
export const gateResult = z.object({
  gate: z.string(),
  outcome: z.enum(['pass', 'fail']),
  reasons: z.array(z.string()),
  /** Room that is left to the limit, in the unit of what was measured; below zero when the gate failed. */
  margin: z.number().optional(),
});
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
    /** A training run, an upload, or an import from another registry. */
    source: versionSource.optional(),
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
    /** The OpenSSF Model Signing bundle in the object store, and the public key (PEM) it has to be signed with. */
    signatureDigest: digest.optional(),
    signingKey: z.string().optional(),
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
    /** Absent when a person moved an alias that no rollout moves. */
    promotionId: uuid.optional(),
    rolloutId: uuid.optional(),
    movedBy: z.string().optional(),
    reason: z.string().optional(),
  }),
});
export type AliasMoved = EventOf<typeof aliasMoved>;

export const versionSigned = defineEvent('registry.version.signed.v1', {
  about: 'A version was signed, at its registration or again with another key.',
  subject: 'modelName',
  data: z.object({ ...modelVersion, keyId: digest, signatureDigest: digest, signedBy: z.string() }),
});
export type VersionSigned = EventOf<typeof versionSigned>;

export const signingKeyChanged = defineEvent('registry.signing-key.changed.v1', {
  about: 'A key that signs models came to be, or nothing it signed counts any more.',
  subject: 'keyId',
  data: z.object({ keyId: digest, publicKey: z.string(), change: z.enum(['added', 'revoked']), changedBy: z.string(), reason: z.string() }),
});
export type SigningKeyChanged = EventOf<typeof signingKeyChanged>;

export const artifactsCollected = defineEvent('registry.artifact.collected.v1', {
  about: 'An uploaded model file that never became a version was removed.',
  subject: 'digest',
  data: z.object({ digest, sizeBytes: z.int(), graceHours: z.number(), removedBy: z.string() }),
});
export type ArtifactsCollected = EventOf<typeof artifactsCollected>;

export const policyChanged = defineEvent('registry.policy.changed.v1', {
  about: 'What versions of a model have to show to be promoted was set anew.',
  subject: 'modelName',
  data: z.object({
    modelName: entityName,
    revision: z.int().min(1),
    policy: z.record(z.string(), z.unknown()),
    changedBy: z.string(),
    reason: z.string(),
  }),
});
export type PolicyChanged = EventOf<typeof policyChanged>;

export const aliasRemoved = defineEvent('registry.alias.removed.v1', {
  about: 'An alias points at nothing any more.',
  subject: 'modelName',
  data: z.object({
    modelName: entityName,
    alias: entityName,
    environment,
    previousVersion: versionNumber,
    removedBy: z.string(),
    reason: z.string(),
  }),
});
export type AliasRemoved = EventOf<typeof aliasRemoved>;

export const detailsChanged = defineEvent('registry.details.changed.v1', {
  about: 'Somebody changed title, description or tags of a model, or description or tags of one of its versions.',
  subject: 'modelName',
  data: z.object({
    modelName: entityName,
    /** Absent when the model itself was described. */
    version: versionNumber.optional(),
    changedBy: z.string(),
    title: z.string().optional(),
    description: z.string().optional(),
    tags: tags.optional(),
  }),
});
export type DetailsChanged = EventOf<typeof detailsChanged>;

export const versionArchived = defineEvent('registry.version.archived.v1', {
  about: 'A version was retired and can no longer be promoted.',
  subject: 'modelName',
  data: z.object({ ...modelVersion, archivedBy: z.string(), reason: z.string() }),
});
export type VersionArchived = EventOf<typeof versionArchived>;

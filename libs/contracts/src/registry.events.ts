import { z } from 'zod';
import { approvalRequirement } from './approvals.js';
import { defineEvent, type EventOf } from './define-event.js';
import { digest, entityName, environment, instant, metrics, uuid, versionNumber } from './names.js';
import { rolloutStrategy } from './rollout-strategy.js';
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
    /** Who has to say yes; absent: one approver; empty: nobody. */
    approvals: z.array(approvalRequirement).optional(),
    /** Without a decision it ends then. */
    expiresAt: instant.optional(),
  }),
});
export type PromotionRequested = EventOf<typeof promotionRequested>;

export const promotionApproved = defineEvent('registry.promotion.approved.v1', {
  about: 'The promotion may go ahead; serving starts a rollout.',
  subject: 'promotionId',
  data: z.object({
    ...promotion,
    requestedBy: z.string(),
    /** Whose yes was the last that was needed. */
    approvedBy: z.string(),
    /** Everybody who said yes. */
    approvers: z.array(z.string()).optional(),
    override: override.optional(),
    artifactDigest: digest,
    artifactSizeBytes: z.int().min(1),
    profileDigest: digest.optional(),
    signature: modelSignature,
    championVersion: versionNumber.optional(),
    strategy: rolloutStrategy,
    /** Why it may, and what every gate said at that moment, by which revision of the policy. */
    reasons: z.array(z.string()).optional(),
    gates: z.array(gateResult).optional(),
    policyRevision: z.int().min(0).optional(),
    /** The OpenSSF Model Signing bundle in the object store, and the public key (PEM) it has to be signed with. */
    signatureDigest: digest.optional(),
    signingKey: z.string().optional(),
  }),
});
export type PromotionApproved = EventOf<typeof promotionApproved>;

export const promotionRefused = defineEvent('registry.promotion.refused.v1', {
  about: 'The promotion ends without a rollout.',
  subject: 'promotionId',
  data: z.object({
    ...promotion,
    reasons: z.array(z.string()).min(1),
    /** What every gate said as it was decided; absent when nobody had to ask them. */
    gates: z.array(gateResult).optional(),
    policyRevision: z.int().min(0).optional(),
  }),
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
    /** Present when the version came up although gates had failed. */
    override: override.optional(),
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

export const provenanceKeyChanged = defineEvent('registry.provenance-key.changed.v1', {
  about: 'A key is trusted to say what models were made from, or nothing it signed counts any more.',
  subject: 'keyId',
  data: z.object({ keyId: digest, publicKey: z.string(), change: z.enum(['added', 'revoked']), changedBy: z.string(), reason: z.string() }),
});
export type ProvenanceKeyChanged = EventOf<typeof provenanceKeyChanged>;

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

/** What speaks for or against a version besides its metrics. */
export const evidenceKind = z.enum(['calibration', 'fairness', 'load-test', 'availability', 'document']);
export type EvidenceKind = z.infer<typeof evidenceKind>;

export const evidenceRecorded = defineEvent('registry.evidence.recorded.v1', {
  about: 'Evidence about a version, or about a model as it runs, went on record: measured here, or declared by somebody.',
  subject: 'modelName',
  data: z.object({
    evidenceId: uuid,
    modelName: entityName,
    /** Absent when it is about the model, whichever version answers. */
    version: versionNumber.optional(),
    kind: evidenceKind,
    origin: z.enum(['measured', 'declared']),
    recordedBy: z.string(),
    body: z.record(z.string(), z.unknown()),
  }),
});
export type EvidenceRecorded = EventOf<typeof evidenceRecorded>;

export const loadTestRequested = defineEvent('registry.load-test.requested.v1', {
  about: 'Somebody wants to know whether a version keeps up with a load where it would be served; one gateway tries.',
  subject: 'loadTestId',
  data: z.object({
    loadTestId: uuid,
    ...modelVersion,
    artifactDigest: digest,
    artifactSizeBytes: z.int().min(1),
    signature: modelSignature,
    signed: z.object({ digest, publicKey: z.string() }).optional(),
    /** The request that is sent again and again, as the Open Inference Protocol writes it, in the object store. */
    requestDigest: digest,
    plan: z.object({
      requestsPerSecond: z.number().positive(),
      rowsPerRequest: z.int().min(1),
      seconds: z.number().positive(),
      /** That ask at once; what is due beyond them waits. */
      connections: z.int().min(1),
      /** Of whose gateways one tries; any of them when absent. */
      environment: environment.optional(),
    }),
    requestedBy: z.string(),
    /** Nobody waits for it after that. */
    expiresAt: instant,
  }),
});
export type LoadTestRequested = EventOf<typeof loadTestRequested>;

export const webhookChanged = defineEvent('registry.webhook.changed.v1', {
  about: 'An address outside that is told of events was added, changed or removed.',
  subject: 'webhookId',
  data: z.object({
    webhookId: uuid,
    name: entityName,
    url: z.string(),
    events: z.array(z.string()),
    models: z.array(z.string()),
    /** `secret-sealed`: encrypted with a new key; the secret itself stayed. */
    change: z.enum(['added', 'changed', 'secret-rotated', 'secret-sealed', 'removed']),
    changedBy: z.string(),
  }),
});
export type WebhookChanged = EventOf<typeof webhookChanged>;

export const webhookGivenUp = defineEvent('registry.webhook.given-up.v1', {
  about: 'A message to an address outside was tried for the last time; it waits for somebody to send it again.',
  subject: 'webhookId',
  data: z.object({
    webhookId: uuid,
    deliveryId: uuid,
    /** The event it tells of. */
    messageId: z.string(),
    messageType: z.string(),
    attempts: z.int().min(1),
    reason: z.string(),
  }),
});
export type WebhookGivenUp = EventOf<typeof webhookGivenUp>;

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

import { z } from 'zod';
import { digest, entityName, environment, instant, uuid, versionNumber } from './names.js';
import { modelSignature } from './signature.js';

/** Roles a credential can carry; `service` is internal. */
export const role = z.enum(['client', 'operator', 'scientist', 'approver', 'auditor', 'admin', 'service']);
export type Role = z.infer<typeof role>;

/** What a credential may use of the gateways, over all of them together; what is absent has no limit. */
export const accessLimits = z.object({
  requestsPerSecond: z.number().min(0.01).max(1_000_000).optional(),
  /** Requests that may come at once after a pause; as many as in one second when absent, and at least one. */
  burst: z.int().min(1).max(1_000_000).optional(),
  /** Requests that may be under way at the same time. */
  concurrentRequests: z.int().min(1).max(100_000).optional(),
  /** Rows answered from midnight to midnight UTC: one request may carry many. */
  rowsPerDay: z.int().min(1).max(1_000_000_000_000).optional(),
});
export type AccessLimits = z.infer<typeof accessLimits>;

/** KV bucket `bascule_access`, one entry per key id, written by governance, watched by every service. */
export const accessEntry = z.object({
  keyId: z.string(),
  identity: z.string(),
  /** SHA-256 of the secret part, hex: the secret has 256 random bits, so a slow hash adds nothing. */
  secretHash: digest,
  roles: z.array(role),
  /** Glob patterns of model and dataset names this key may touch, for example `claims-*`. */
  models: z.array(z.string()),
  datasets: z.array(z.string()),
  revokedAt: instant.nullable(),
  limits: accessLimits.optional(),
});
export type AccessEntry = z.infer<typeof accessEntry>;

/** One model version that gateways hold in memory. */
export const routedVersion = z.object({
  version: versionNumber,
  artifactDigest: digest,
  artifactSizeBytes: z.int().min(1),
  signature: modelSignature,
  /** Share of requests in percent; 0 means loaded and waiting. Of a shadow: how many of the champion's requests it sees a copy of. */
  percent: z.int().min(0).max(100),
  role: z.enum(['champion', 'challenger', 'shadow']),
  /** Of a champion that answers nobody any more, but is still loaded: how many percent of the challenger's requests it sees a copy of. */
  copies: z.int().min(1).max(100).optional(),
  /** Its OpenSSF Model Signing bundle in the object store, and the public key (PEM) that has to have signed it. */
  signed: z.object({ digest, publicKey: z.string() }).optional(),
});
export type RoutedVersion = z.infer<typeof routedVersion>;

/**
 * What is recorded of the predictions of an endpoint: everything; a share of the rows; salted hashes in place of the
 * values; nothing; or everything, and the answer waits until the record is on the disk.
 */
export const captureLevel = z.enum(['all', 'sampled', 'hashes', 'off', 'strict']);
export type CaptureLevel = z.infer<typeof captureLevel>;
export const captureSetting = z.object({
  level: captureLevel,
  /** Of the level `sampled`: rows captured, in percent. */
  samplePercent: z.number().min(0).max(100).optional(),
});
export type CaptureSetting = z.infer<typeof captureSetting>;

/** KV bucket `bascule_routing`, one entry per model name, written by serving control, watched by every gateway. */
export const routingEntry = z.object({
  modelName: entityName,
  environment,
  /** Grows with every change. */
  revision: z.int().min(1),
  rolloutId: uuid.nullable(),
  /** Where the rollout stands; absent without one. */
  rolloutStep: z.int().min(0).optional(),
  versions: z.array(routedVersion),
  /** Absent: everything is captured. */
  capture: captureSetting.optional(),
  updatedAt: instant,
});
export type RoutingEntry = z.infer<typeof routingEntry>;

/**
 * KV bucket `bascule_gateways`, one entry per producer of prediction blocks, written by its gateway about every second:
 * how far it has counted, so that readers see what is missing even when nothing comes any more.
 */
export const gatewaySign = z.object({
  producer: z.string(),
  gatewayId: uuid,
  startedAt: instant,
  /** When this was written. */
  at: instant,
  /** The last block that was closed; 0 for none. */
  sealedSequence: z.int().min(0),
  /** Rows in all closed blocks. */
  sealedRows: z.int().min(0),
  /** Rows answered that are in no closed block yet. */
  openRows: z.int().min(0),
  dropped: z.int().min(0),
  /** Closed blocks that are known to lie on its disk and wait to be sent; 0 when absent. */
  waitingBlocks: z.int().min(0).optional(),
  /** `stopped` said goodbye; `recovered` ended without, and another process publishes what it had left on the disk. */
  state: z.enum(['running', 'stopped', 'recovered']),
});
export type GatewaySign = z.infer<typeof gatewaySign>;

/** What one version answered in one step of a rollout, since the gateway started. */
export const rolloutArm = z.object({
  version: versionNumber,
  step: z.int().min(0),
  answered: z.int().min(0),
  /** Requests that the version failed on; what the client got wrong is not among them. */
  failed: z.int().min(0),
  /** Answers by how long they took: bin i reaches from 50 µs times 1.1 to the i up to the next. */
  latency: z.array(z.int().min(0)).max(200),
});
export type RolloutArm = z.infer<typeof rolloutArm>;

/** KV bucket `bascule_rollouts`, key `<rolloutId>.<producer>`, written by each gateway about every second while a rollout lasts. */
export const rolloutMeasure = z.object({
  rolloutId: uuid,
  gatewayId: uuid,
  producer: z.string(),
  modelName: entityName,
  at: instant,
  arms: z.array(rolloutArm),
});
export type RolloutMeasure = z.infer<typeof rolloutMeasure>;

/** KV bucket `bascule_control`, key `freeze`, written by governance. */
export const freezeState = z.object({ frozen: z.boolean(), by: z.string(), reason: z.string(), since: instant });
export type FreezeState = z.infer<typeof freezeState>;

/** Names of the KV buckets. */
export const buckets = {
  access: 'bascule_access',
  routing: 'bascule_routing',
  control: 'bascule_control',
  usage: 'bascule_usage',
  gateways: 'bascule_gateways',
  /** What gateways measured of rollouts; gone after a month. */
  rollouts: 'bascule_rollouts',
  /** Claims and answers of calls with an `Idempotency-Key`, by gateways for gateways; gone after a day. */
  repeats: 'bascule_repeats',
} as const;
/** Key of the freeze switch in the control bucket. */
export const freezeKey = 'freeze';

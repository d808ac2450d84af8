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
  /** Share of requests in percent; 0 means loaded and waiting. */
  percent: z.int().min(0).max(100),
  role: z.enum(['champion', 'challenger', 'shadow']),
});
export type RoutedVersion = z.infer<typeof routedVersion>;

/** KV bucket `bascule_routing`, one entry per model name, written by serving control, watched by every gateway. */
export const routingEntry = z.object({
  modelName: entityName,
  environment,
  /** Grows with every change. */
  revision: z.int().min(1),
  rolloutId: uuid.nullable(),
  versions: z.array(routedVersion),
  updatedAt: instant,
});
export type RoutingEntry = z.infer<typeof routingEntry>;

/** KV bucket `bascule_control`, key `freeze`, written by governance. */
export const freezeState = z.object({ frozen: z.boolean(), by: z.string(), reason: z.string(), since: instant });
export type FreezeState = z.infer<typeof freezeState>;

/** Names of the KV buckets. */
export const buckets = {
  access: 'bascule_access',
  routing: 'bascule_routing',
  control: 'bascule_control',
  usage: 'bascule_usage',
} as const;
/** Key of the freeze switch in the control bucket. */
export const freezeKey = 'freeze';

import { captureLevel, captureSetting, environment, instant, pastInstant, routedVersion, uuid, versionNumber } from '@bascule/contracts';
import { pageQuery } from '@bascule/platform';
import { z } from 'zod';
import { type Endpoint, servedVersions } from './endpoint.entity.js';

export const endpointView = z
  .object({
    modelName: z.string(),
    environment,
    revision: z.int(),
    rolloutId: uuid.nullable(),
    /** The shadow among them. */
    versions: z.array(routedVersion),
    capture: captureSetting,
    updatedAt: instant,
  })
  .meta({ id: 'Endpoint' });
export type EndpointView = Omit<z.infer<typeof endpointView>, 'updatedAt'> & { updatedAt: Date };

export function endpointViewOf(endpoint: Endpoint): EndpointView {
  const { modelName, environment, revision, rolloutId, updatedAt, capture } = endpoint;
  return {
    modelName,
    environment,
    revision,
    rolloutId,
    versions: servedVersions(endpoint),
    capture: capture ?? { level: 'all' },
    updatedAt,
  };
}
export const endpointPage = z.object({ items: z.array(endpointView), nextCursor: z.string().nullable() }).meta({ id: 'EndpointPage' });

export const historyQuery = pageQuery
  .extend({
    environment: environment.default('production'),
    /** Answers one change: what was in force then. */
    at: pastInstant.optional(),
  })
  .strict();
export const routingChangeView = z
  .object({
    modelName: z.string(),
    environment,
    revision: z.int(),
    rolloutId: uuid.nullable(),
    validFrom: instant,
    capture: captureSetting.nullable(),
    versions: z.array(z.object({ version: z.int(), artifactDigest: z.string(), percent: z.int(), role: z.string() })),
  })
  .meta({ id: 'RoutingChange' });
export const routingHistory = z
  .object({ items: z.array(routingChangeView), nextCursor: z.string().nullable() })
  .meta({ id: 'RoutingHistory' });

export const environmentQuery = z.object({ environment: environment.default('production') });
const why = { reason: z.string().trim().min(1).max(1000), environment: environment.default('production') };

export const captureBody = z
  .strictObject({ level: captureLevel, samplePercent: z.number().gt(0).max(100).optional(), ...why })
  .refine(({ level, samplePercent }) => (level === 'sampled') === (samplePercent !== undefined), {
    path: ['samplePercent'],
    message: 'goes with the level sampled, and only with it',
  })
  .meta({ id: 'CaptureChange' });
export const captureView = z
  .object({
    modelName: z.string(),
    environment,
    level: captureLevel,
    samplePercent: z.number().optional(),
    /** Null: nobody has chosen. */
    setBy: z.string().nullable(),
    reason: z.string().nullable(),
    setAt: instant.nullable(),
  })
  .meta({ id: 'CaptureSetting' });

export function captureViewOf({ modelName, environment, capture, captureSet }: Endpoint): z.infer<typeof captureView> {
  const { by = null, reason = null, at = null } = captureSet ?? {};
  return { modelName, environment, ...(capture ?? { level: 'all' }), setBy: by, reason, setAt: at };
}

export const shadowBody = z
  .strictObject({ version: versionNumber.nullable(), percent: z.int().min(1).max(100).default(100), ...why })
  .meta({ id: 'ShadowChange' });
export const shadowView = z
  .object({
    modelName: z.string(),
    environment,
    shadow: z.object({ version: versionNumber, artifactDigest: z.string(), percent: z.int() }).nullable(),
  })
  .meta({ id: 'ShadowSetting' });

export function shadowViewOf({ modelName, environment, shadow }: Endpoint): z.infer<typeof shadowView> {
  if (!shadow) return { modelName, environment, shadow: null };
  const { version, artifactDigest, percent } = shadow;
  return { modelName, environment, shadow: { version, artifactDigest, percent } };
}

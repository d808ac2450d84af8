import { environment, instant, routedVersion, uuid } from '@bascule/contracts';
import { pageQuery } from '@bascule/platform';
import { z } from 'zod';

export const endpointView = z
  .object({
    modelName: z.string(),
    environment,
    revision: z.int(),
    rolloutId: uuid.nullable(),
    versions: z.array(routedVersion),
    updatedAt: instant,
  })
  .meta({ id: 'Endpoint' });
export const endpointPage = z.object({ items: z.array(endpointView), nextCursor: z.string().nullable() }).meta({ id: 'EndpointPage' });

export const historyQuery = pageQuery.extend({
  environment: environment.default('production'),
  /** Answers one change: what was in force then. */
  at: z.iso.datetime({ offset: true }).optional(),
});
export const routingChangeView = z
  .object({
    modelName: z.string(),
    environment,
    revision: z.int(),
    rolloutId: uuid.nullable(),
    validFrom: instant,
    versions: z.array(z.object({ version: z.int(), artifactDigest: z.string(), percent: z.int(), role: z.string() })),
  })
  .meta({ id: 'RoutingChange' });
export const routingHistory = z
  .object({ items: z.array(routingChangeView), nextCursor: z.string().nullable() })
  .meta({ id: 'RoutingHistory' });

import { entityName, environment, instant, uuid, versionNumber } from '@bascule/contracts';
import { z } from 'zod';
import type { LoadTestEntity } from './load-test.entity.js';

/** Body of a load test at a gateway. */
export const gatewayLoadTest = z
  .strictObject({
    requestsPerSecond: z.number().positive().max(5_000),
    rowsPerRequest: z.int().min(1).max(1000).default(1),
    seconds: z.number().min(1).max(30).default(5),
    /** Clients that ask at once. */
    connections: z.int().min(1).max(256).default(16),
    /** Whose gateways are asked: what they find counts for promotions to it. */
    environment: environment.default('production'),
  })
  .meta({ id: 'RunGatewayLoadTest' });
export type GatewayLoadTest = z.infer<typeof gatewayLoadTest>;

export const loadTestSchema = z
  .object({
    loadTestId: uuid,
    modelName: entityName,
    version: versionNumber,
    plan: gatewayLoadTest.extend({ environment: environment.optional() }),
    requestedBy: z.string(),
    status: z.enum(['requested', 'measured', 'failed']),
    reasons: z.array(z.string()),
    /** What was measured is evidence of the version. */
    evidenceId: uuid.nullable(),
    createdAt: instant,
    endedAt: instant.nullable(),
  })
  .meta({ id: 'LoadTest' });
export type LoadTestView = z.infer<typeof loadTestSchema>;

export function loadTestView(test: LoadTestEntity, now: Date): LoadTestView {
  const { loadTestId, modelName, version, plan, requestedBy, evidenceId } = test;
  const about = { loadTestId, modelName, version, plan, requestedBy, evidenceId, createdAt: test.createdAt.toISOString() };
  if (test.status === 'requested' && test.expiresAt <= now) {
    const { expiresAt } = test;
    return {
      ...about,
      status: 'failed',
      reasons: [`no gateway was done before ${expiresAt.toISOString()}`],
      endedAt: expiresAt.toISOString(),
    };
  }
  return { ...about, status: test.status, reasons: test.reasons, endedAt: test.endedAt?.toISOString() ?? null };
}

import { entityName, environment, instant, rolloutStrategy, uuid } from '@bascule/contracts';
import { pageQuery } from '@bascule/platform';
import { z } from 'zod';

export const rolloutsQuery = pageQuery.extend({ model: entityName.optional() }).strict();
export const steerBody = z.strictObject({ reason: z.string().min(1).max(1000) }).meta({ id: 'SteerRollout' });
export type SteerBody = z.infer<typeof steerBody>;

const rolloutFields = {
  rolloutId: uuid,
  promotionId: uuid,
  modelName: z.string(),
  environment,
  version: z.int(),
  championVersion: z.int().nullable(),
  artifactDigest: z.string(),
  status: z.enum(['waiting', 'loading', 'running', 'completed', 'rolled-back', 'no-winner', 'aborted']),
  step: z.int(),
  percent: z.int(),
  strategy: rolloutStrategy,
  stepStartedAt: instant.nullable(),
  isPaused: z.boolean(),
  /** The version is not tried again without an override. */
  isMarked: z.boolean(),
  isOverride: z.boolean(),
  requestedBy: z.string(),
  approvedBy: z.string(),
  createdAt: instant,
  updatedAt: instant,
  endedAt: instant.nullable(),
};
export const rolloutView = z.object(rolloutFields).meta({ id: 'Rollout' });
export type RolloutView = Omit<z.infer<typeof rolloutView>, 'createdAt' | 'updatedAt' | 'endedAt' | 'stepStartedAt'> & {
  readonly stepStartedAt: Date | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly endedAt: Date | null;
};
export const rolloutPage = z.object({ items: z.array(rolloutView), nextCursor: z.string().nullable() }).meta({ id: 'RolloutPage' });

const stepView = z.object({ move: z.string(), step: z.int(), percent: z.int(), reasons: z.array(z.string()), at: instant });
export const rolloutDetail = z.object({ ...rolloutFields, steps: z.array(stepView) }).meta({ id: 'RolloutDetail' });

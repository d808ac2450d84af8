import { accessLimits, role } from '@bascule/contracts';
import { pageQuery } from '@bascule/platform';
import { z } from 'zod';

const pattern = z.string().regex(/^[a-z0-9*._-]{1,63}$/, 'a name or a pattern with *');

/** Limits as an administrator sets them: an unknown name would be a limit that does not hold. */
export const keyLimits = accessLimits
  .strict()
  .refine(({ burst, requestsPerSecond }) => burst === undefined || requestsPerSecond !== undefined, {
    path: ['burst'],
    message: 'a burst needs requestsPerSecond',
  });
export type KeyLimits = z.infer<typeof keyLimits>;

export const createKey = z.strictObject({
  identity: z.string().min(1).max(200),
  roles: z
    .array(role.exclude(['service']))
    .min(1)
    .max(6),
  models: z.array(pattern).max(100).default(['*']),
  datasets: z.array(pattern).max(100).default(['*']),
  limits: keyLimits.optional(),
});
export type CreateKey = z.infer<typeof createKey>;

export const keyId = z.string().regex(/^[a-z2-7]{12}$/, 'the twelve characters after bsc_');
export const keysQuery = pageQuery.strict();
export const keyCursor = z.string();

import { role } from '@bascule/contracts';
import { pageQuery } from '@bascule/platform';
import { z } from 'zod';

const pattern = z.string().regex(/^[a-z0-9*._-]{1,63}$/, 'a name or a pattern with *');

export const createKey = z.object({
  identity: z.string().min(1).max(200),
  roles: z
    .array(role.exclude(['service']))
    .min(1)
    .max(6),
  models: z.array(pattern).max(100).default(['*']),
  datasets: z.array(pattern).max(100).default(['*']),
});
export type CreateKey = z.infer<typeof createKey>;

export const keyId = z.string().regex(/^[a-z2-7]{12}$/, 'the twelve characters after bsc_');
export const keysQuery = pageQuery;
export const keyCursor = z.string();

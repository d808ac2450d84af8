import { entityName } from '@bascule/contracts';
import { pageQuery } from '@bascule/platform';
import type { z } from 'zod';

export const triggersQuery = pageQuery.extend({ pipeline: entityName.optional() }).strict();
export type TriggersQuery = z.infer<typeof triggersQuery>;

import { pageQuery } from '@bascule/platform';
import { z } from 'zod';

const index = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

export const entriesQuery = pageQuery.extend({ subject: z.string().max(300).optional(), type: z.string().max(200).optional() }).strict();
export type EntriesQuery = z.infer<typeof entriesQuery>;
export const entryCursor = z.int().min(0);
export const entryIndex = index;

export const inclusionQuery = z.strictObject({ index, size: index.optional() });
export type InclusionQuery = z.infer<typeof inclusionQuery>;

export const consistencyQuery = z.strictObject({ from: index, to: index.optional() });
export type ConsistencyQuery = z.infer<typeof consistencyQuery>;

import { digest, entityName, instant, uuid } from '@bascule/contracts';
import { z } from 'zod';

export const erasureBody = z
  .strictObject({
    /** The column that tells a person's records. */
    column: z.string().min(1).max(100),
    values: z
      .array(z.union([z.string().min(1).max(1000), z.number()]))
      .min(1)
      .max(10_000),
    reason: z.string().min(1).max(1000),
  })
  .meta({ id: 'ErasureBody' });
export type ErasureBody = z.infer<typeof erasureBody>;

export const erasureView = z
  .object({
    erasureId: uuid,
    datasetName: entityName,
    column: z.string(),
    removedCount: z.int(),
    otherCount: z.int(),
    datasetVersion: digest.nullable(),
    affectedVersions: z.array(digest),
    reason: z.string(),
    erasedBy: z.string(),
    erasedAt: instant,
    removalDueAt: instant,
    removedAt: instant.nullable(),
  })
  .meta({ id: 'Erasure' });
export const erasurePage = z.object({ items: z.array(erasureView), nextCursor: z.string().nullable() });

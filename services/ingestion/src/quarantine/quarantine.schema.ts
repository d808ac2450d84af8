import { z } from 'zod';
import { reasonCodes } from '../validation/reason.js';

export const quarantinedView = z
  .object({
    /** Number of the record in the batch, from 1. */
    row: z.int(),
    record: z.unknown(),
    reasons: z.array(z.object({ code: z.enum(reasonCodes), field: z.string().optional(), message: z.string() })),
  })
  .meta({ id: 'QuarantinedRecord' });
export const quarantinePage = z.object({ items: z.array(quarantinedView), nextCursor: z.string().nullable() });

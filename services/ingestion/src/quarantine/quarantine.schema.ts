import { z } from 'zod';
import { reasonCodes } from '../validation/reason.js';

export const quarantinedView = z
  .object({
    /** Number of the record in the batch, from 1. */
    row: z.int(),
    /** Line of the content it begins on, from 1; 0 where the format has no lines. */
    line: z.int(),
    /** The original text, cut after 20,000 characters; null where it was not kept. */
    raw: z.string().nullable(),
    record: z.unknown(),
    reasons: z.array(z.object({ code: z.enum(reasonCodes), field: z.string().optional(), message: z.string() })),
  })
  .meta({ id: 'QuarantinedRecord' });
export const quarantinePage = z.object({ items: z.array(quarantinedView), nextCursor: z.string().nullable() });

import { pageQuery } from '@bascule/platform';
import { z } from 'zod';

export const vote = z.strictObject({ decision: z.enum(['grant', 'deny']), reason: z.string().trim().min(1).max(2000) });
export type Vote = z.infer<typeof vote>;

export const approvalsQuery = pageQuery
  .extend({
    status: z.enum(['pending', 'granted', 'denied', 'closed']).optional(),
    promotionId: z.uuid().optional(),
  })
  .strict();
export type ApprovalsQuery = z.infer<typeof approvalsQuery>;
export const approvalCursor = z.uuid();
export const approvalId = z.uuid();

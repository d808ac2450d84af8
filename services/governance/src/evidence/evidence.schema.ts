import { entityName } from '@bascule/contracts';
import { z } from 'zod';

export const evidenceQuery = z.strictObject({
  clientRecordId: z.string().min(1).max(200).optional(),
  model: entityName.optional(),
  promotionId: z.uuid().optional(),
  /** Answered also when the log has no such prediction: then it says so, signed. */
  predictionId: z.uuid().optional(),
  id: z.string().min(1).max(200).optional(),
});
export type EvidenceQuery = z.infer<typeof evidenceQuery>;

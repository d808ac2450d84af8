import { decisionItem, groundTruthItem, uuid } from '@bascule/contracts';
import { z } from 'zod';

type Named = { readonly predictionId?: string | undefined; readonly clientRecordId?: string | undefined };

const namesOne = (item: Named) => (item.predictionId === undefined) !== (item.clientRecordId === undefined);
const fault = { message: 'name the prediction by exactly one of predictionId and clientRecordId' };

export const groundTruthBody = z
  .object({ items: z.array(groundTruthItem.refine(namesOne, fault)).min(1).max(1000) })
  .meta({ id: 'GroundTruthSubmission' });
export type GroundTruthBody = z.infer<typeof groundTruthBody>;

export const decisionsBody = z
  .object({ items: z.array(decisionItem.refine(namesOne, fault)).min(1).max(1000) })
  .meta({ id: 'DecisionSubmission' });
export type DecisionsBody = z.infer<typeof decisionsBody>;

export const submissionReceipt = z.object({ submissionId: uuid, accepted: z.int() }).meta({ id: 'SubmissionReceipt' });
export type SubmissionReceipt = z.infer<typeof submissionReceipt>;

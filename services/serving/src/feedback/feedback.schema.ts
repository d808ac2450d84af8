import { decisionItem, groundTruthItem, uuid } from '@bascule/contracts';
import { z } from 'zod';

type Named = { readonly predictionId?: string | undefined; readonly clientRecordId?: string | undefined };

const namesOne = (item: Named) => (item.predictionId === undefined) !== (item.clientRecordId === undefined);
const fault = { message: 'name the prediction by exactly one of predictionId and clientRecordId' };

// PostgreSQL takes no NUL: what nobody can store must not be accepted
const isStorable = (item: object) => Object.values(item).every((value) => typeof value !== 'string' || !value.includes('\0'));
const unstorable = { message: 'texts must not hold a NUL character' };

export const groundTruthBody = z
  .object({ items: z.array(groundTruthItem.refine(namesOne, fault).refine(isStorable, unstorable)).min(1).max(1000) })
  .meta({ id: 'GroundTruthSubmission' });
export type GroundTruthBody = z.infer<typeof groundTruthBody>;

export const decisionsBody = z
  .object({ items: z.array(decisionItem.refine(namesOne, fault).refine(isStorable, unstorable)).min(1).max(1000) })
  .meta({ id: 'DecisionSubmission' });
export type DecisionsBody = z.infer<typeof decisionsBody>;

export const submissionReceipt = z.object({ submissionId: uuid, accepted: z.int() }).meta({ id: 'SubmissionReceipt' });
export type SubmissionReceipt = z.infer<typeof submissionReceipt>;

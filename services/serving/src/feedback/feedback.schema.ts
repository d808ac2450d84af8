import { decisionItem, groundTruthItem, uuid } from '@bascule/contracts';
import { z } from 'zod';
import { isPlausibleTime } from '../inference/client-text.js';

type Named = { readonly predictionId?: string | undefined; readonly clientRecordId?: string | undefined };

const namesOne = (item: Named) => (item.predictionId === undefined) !== (item.clientRecordId === undefined);
const fault = { message: 'name the prediction by exactly one of predictionId and clientRecordId' };

// PostgreSQL takes neither: what nobody can store must not be accepted
const isStorable = (item: object) =>
  Object.values(item).every((value) => typeof value !== 'string' || (!value.includes('\0') && value.isWellFormed()));
const unstorable = { message: 'texts must not hold a NUL character or half of a surrogate pair' };

// the latest truth and the latest decision count: one of the year 9999 could never be corrected
const plausible = (field: string) => ({ message: 'must lie between 1900 and one day from now', path: [field] });
const isPlausible = (time: string) => isPlausibleTime(Date.parse(time), Date.now());

const label = z
  .union([z.number(), z.string().max(200), z.boolean()])
  .describe('The value, the position of the class or its name as predictions answer it.');

// events stay tolerant; here a misspelt field would be lost without a word
const truth = groundTruthItem
  .extend({ label })
  .strict()
  .refine(namesOne, fault)
  .refine(isStorable, unstorable)
  .refine(({ occurredAt }) => isPlausible(occurredAt), plausible('occurredAt'));
const decision = decisionItem
  .strict()
  .refine(namesOne, fault)
  .refine(isStorable, unstorable)
  .refine(({ decidedAt }) => isPlausible(decidedAt), plausible('decidedAt'));

export const groundTruthBody = z.strictObject({ items: z.array(truth).min(1).max(1000) }).meta({ id: 'GroundTruthSubmission' });
export type GroundTruthBody = z.infer<typeof groundTruthBody>;

export const decisionsBody = z.strictObject({ items: z.array(decision).min(1).max(1000) }).meta({ id: 'DecisionSubmission' });
export type DecisionsBody = z.infer<typeof decisionsBody>;

export const submissionReceipt = z.object({ submissionId: uuid, accepted: z.int() }).meta({ id: 'SubmissionReceipt' });
export type SubmissionReceipt = z.infer<typeof submissionReceipt>;

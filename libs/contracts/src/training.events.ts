import { z } from 'zod';
import { defineEvent, type EventOf } from './define-event.js';
import { digest, entityName, instant, metrics, uuid } from './names.js';
import { modelSignature } from './signature.js';

/** What it rests on; the second where it is judged on rows of another dataset. Absent in events of before they were told. */
const datasets = { datasetName: entityName.optional(), evaluationDatasetName: entityName.optional() };
const run = { runId: uuid, pipelineName: entityName, modelName: entityName, ...datasets };

export const triggerCause = z.enum(['dataset-published', 'drift-detected', 'performance-degraded', 'schedule', 'manual']);
export type TriggerCause = z.infer<typeof triggerCause>;

export const triggerDecided = defineEvent('training.trigger.decided.v1', {
  about: 'A reason to train was weighed against the brakes: run, or hold with reasons.',
  subject: 'triggerId',
  data: z.object({
    triggerId: uuid,
    pipelineName: entityName,
    modelName: entityName,
    ...datasets,
    cause: triggerCause,
    outcome: z.enum(['run', 'hold']),
    reasons: z.array(z.string()).min(1),
    runId: uuid.optional(),
    /** Of a schedule: the time that was due. */
    nominalAt: instant.optional(),
  }),
});
export type TriggerDecided = EventOf<typeof triggerDecided>;

const proposal = { proposalId: uuid, pipelineName: entityName, modelName: entityName, ...datasets };

export const proposalOpened = defineEvent('training.proposal.opened.v1', {
  about: 'Nothing stands in the way of a run but the policy of the pipeline: a person is asked.',
  subject: 'proposalId',
  data: z.object({ ...proposal, cause: triggerCause, triggerId: uuid, reasons: z.array(z.string()).min(1) }),
});
export type ProposalOpened = EventOf<typeof proposalOpened>;

export const proposalAnswered = defineEvent('training.proposal.answered.v1', {
  about: 'A proposed run was accepted or declined, or another run came first.',
  subject: 'proposalId',
  data: z.object({
    ...proposal,
    answer: z.enum(['accepted', 'declined', 'superseded']),
    answeredBy: z.string(),
    reason: z.string(),
    runId: uuid.optional(),
  }),
});
export type ProposalAnswered = EventOf<typeof proposalAnswered>;

/** Two models on the same rows, row by row: `no-difference` when the interval holds 0. */
export const pairedComparison = z.object({
  verdict: z.enum(['better', 'worse', 'no-difference', 'too-little-data']),
  metric: z.string(),
  /** Mean over the rows of challenger minus champion; for a loss, below 0 is better. */
  difference: z.number(),
  /** 95 % of the mean difference. */
  interval: z.tuple([z.number(), z.number()]),
  rowCount: z.int().min(0),
});
export type PairedComparison = z.infer<typeof pairedComparison>;

export const runRequested = defineEvent('training.run.requested.v1', {
  about: 'A run was queued.',
  subject: 'runId',
  data: z.object({ ...run, datasetName: entityName, datasetVersion: digest, requestedBy: z.string(), triggerId: uuid.optional() }),
});
export type RunRequested = EventOf<typeof runRequested>;

export const runStarted = defineEvent('training.run.started.v1', {
  about: 'An executor took the run.',
  subject: 'runId',
  data: z.object({ ...run, attempt: z.int().min(1), executor: z.string() }),
});
export type RunStarted = EventOf<typeof runStarted>;

export const runSucceeded = defineEvent('training.run.succeeded.v1', {
  about: 'A run finished; its ONNX artifact and reference profile are in the object store under their digests.',
  subject: 'runId',
  data: z.object({
    ...run,
    attempt: z.int().min(1),
    datasetName: entityName,
    datasetVersion: digest,
    evaluationDatasetVersion: digest,
    artifactDigest: digest,
    artifactSizeBytes: z.int().min(1),
    profileDigest: digest,
    /** The contract that the dataset version keeps to. */
    contract: z.object({ name: entityName, version: z.int().min(1) }).optional(),
    /** A signed in-toto statement (DSSE) of what the model was made from. */
    provenanceDigest: digest.optional(),
    /** The public key (PEM) that signed it. */
    provenanceKey: z.string().optional(),
    signature: modelSignature,
    /** The evaluation report in the object store. */
    reportDigest: digest.optional(),
    params: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
    /** On the hold-out, which lies later than every training row. */
    metrics,
    /** The champion on the same hold-out rows, when there was a champion. */
    champion: z.object({ version: z.int().min(1), artifactDigest: digest, metrics, comparison: pairedComparison.optional() }).optional(),
    trainedOn: z.object({ from: instant, to: instant, rowCount: z.int().min(1) }),
    evaluatedOn: z.object({ from: instant, to: instant, rowCount: z.int().min(1) }),
  }),
});
export type RunSucceeded = EventOf<typeof runSucceeded>;

export const runFailed = defineEvent('training.run.failed.v1', {
  about: 'A run gave up after its last attempt.',
  subject: 'runId',
  data: z.object({ ...run, attempt: z.int().min(1), reason: z.string() }),
});
export type RunFailed = EventOf<typeof runFailed>;

export const runCancelled = defineEvent('training.run.cancelled.v1', {
  about: 'Somebody stopped a run.',
  subject: 'runId',
  data: z.object({ ...run, cancelledBy: z.string(), reason: z.string() }),
});
export type RunCancelled = EventOf<typeof runCancelled>;

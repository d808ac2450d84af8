import { z } from 'zod';
import { defineEvent, type EventOf } from './define-event.js';
import { digest, entityName, instant, metrics, uuid } from './names.js';
import { modelSignature } from './signature.js';

const run = { runId: uuid, pipelineName: entityName, modelName: entityName };

export const triggerDecided = defineEvent('training.trigger.decided.v1', {
  about: 'A reason to train was weighed against the brakes: run, or hold with reasons.',
  subject: 'triggerId',
  data: z.object({
    triggerId: uuid,
    pipelineName: entityName,
    modelName: entityName,
    cause: z.enum(['dataset-published', 'drift-detected', 'performance-degraded', 'schedule', 'manual']),
    outcome: z.enum(['run', 'hold']),
    reasons: z.array(z.string()).min(1),
    runId: uuid.optional(),
  }),
});
export type TriggerDecided = EventOf<typeof triggerDecided>;

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
    signature: modelSignature,
    params: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
    /** On the hold-out, which lies later than every training row. */
    metrics,
    /** The champion on the same hold-out rows, when there was a champion. */
    champion: z.object({ version: z.int().min(1), artifactDigest: digest, metrics }).optional(),
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

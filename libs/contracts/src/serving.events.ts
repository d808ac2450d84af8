import { z } from 'zod';
import { defineBlock, defineEvent, type EventOf } from './define-event.js';
import { captureSetting } from './live-state.js';
import { digest, entityName, environment, instant, uuid, versionNumber } from './names.js';
import { rolloutStrategy } from './rollout-strategy.js';

export const predictionLogged = defineBlock('serving.prediction.logged.v1', {
  about: 'A block of captured predictions.',
  message: 'prediction.v1.PredictionBlock',
});

/**
 * How a case came to have a label. Scores over labels are fair only as far as their cases were chosen fairly:
 * `all` and `random` are, those that the model, a person or a complaint picked are not.
 */
export const labelSelection = z.enum(['unknown', 'all', 'random', 'model-decision', 'investigator', 'complaint', 'other']);
export type LabelSelection = z.infer<typeof labelSelection>;

/** A label: what really happened, learnt later. Exactly one of predictionId and clientRecordId names the prediction. */
export const groundTruthItem = z.object({
  predictionId: uuid.optional(),
  clientRecordId: z.string().min(1).max(200).optional(),
  /** Class index for a classifier, value for a regressor. */
  label: z.number(),
  /** When the truth became known at the client. */
  occurredAt: instant,
  source: z.string().min(1).max(100),
  /** How the case was selected for labelling; unknown when absent. */
  selection: labelSelection.optional(),
  /** More about the selection, for example the sampling plan. */
  selectionNote: z.string().max(200).optional(),
});
export type GroundTruthItem = z.infer<typeof groundTruthItem>;

const submission = {
  submissionId: uuid,
  /** What the reporter may touch. An item about a prediction of another model is of no account. */
  modelName: entityName,
  keyId: z.string(),
  /** The identity the key was issued to; absent in older events. */
  reportedBy: z.string().optional(),
};

export const groundTruthReceived = defineEvent('serving.ground-truth.received.v1', {
  about: 'Clients reported what really happened, up to 1,000 labels at once.',
  subject: 'submissionId',
  data: z.object({ ...submission, items: z.array(groundTruthItem).min(1).max(1000) }),
});
export type GroundTruthReceived = EventOf<typeof groundTruthReceived>;

/** What the client did with an answer. Exactly one of predictionId and clientRecordId names the prediction. */
export const decisionItem = z.object({
  predictionId: uuid.optional(),
  clientRecordId: z.string().min(1).max(200).optional(),
  outcome: z.string().min(1).max(100),
  ruleVersion: z.string().min(1).max(100),
  /** The person who overruled the model, if one did. */
  overriddenBy: z.string().max(200).optional(),
  reason: z.string().max(1000).optional(),
  decidedAt: instant,
});
export type DecisionItem = z.infer<typeof decisionItem>;

export const decisionRecorded = defineEvent('serving.decision.recorded.v1', {
  about: 'Clients reported what they did with predictions, up to 1,000 decisions at once.',
  subject: 'submissionId',
  data: z.object({ ...submission, items: z.array(decisionItem).min(1).max(1000) }),
});
export type DecisionRecorded = EventOf<typeof decisionRecorded>;

const rollout = {
  rolloutId: uuid,
  promotionId: uuid,
  modelName: entityName,
  environment,
  version: versionNumber,
  artifactDigest: digest,
  /** Absent when the rollout is the first of its model. */
  championVersion: versionNumber.optional(),
};
const step = { step: z.int().min(0), percent: z.int().min(0).max(100) };

export const rolloutStarted = defineEvent('serving.rollout.started.v1', {
  about: 'The version is loaded and takes its first share of the traffic.',
  subject: 'rolloutId',
  data: z.object({
    ...rollout,
    ...step,
    profileDigest: digest.optional(),
    /** How it goes up; what the judge has to wait for and to weigh. Absent in older events. */
    strategy: rolloutStrategy.optional(),
  }),
});
export type RolloutStarted = EventOf<typeof rolloutStarted>;

export const rolloutAdvanced = defineEvent('serving.rollout.advanced.v1', {
  about: 'The version takes a larger share of the traffic.',
  subject: 'rolloutId',
  data: z.object({ ...rollout, ...step, reasons: z.array(z.string()) }),
});
export type RolloutAdvanced = EventOf<typeof rolloutAdvanced>;

export const rolloutCompleted = defineEvent('serving.rollout.completed.v1', {
  about: 'The version answers everything; the registry moves the champion alias.',
  subject: 'rolloutId',
  data: z.object({ ...rollout, reasons: z.array(z.string()) }),
});
export type RolloutCompleted = EventOf<typeof rolloutCompleted>;

export const rolloutRolledBack = defineEvent('serving.rollout.rolled-back.v1', {
  about:
    'The version was judged bad, or a gateway saw it fail; the champion answers everything again. It is not tried again without an override.',
  subject: 'rolloutId',
  data: z.object({ ...rollout, ...step, reasons: z.array(z.string()).min(1) }),
});
export type RolloutRolledBack = EventOf<typeof rolloutRolledBack>;

export const rolloutAborted = defineEvent('serving.rollout.aborted.v1', {
  about: 'The rollout ended and the champion stays: a person stopped it, the model could not be loaded, or an A/B test found no winner.',
  subject: 'rolloutId',
  data: z.object({
    ...rollout,
    reasons: z.array(z.string()).min(1),
    /** Present when it came to its end: an A/B test that found neither version better. */
    outcome: z.literal('no-winner').optional(),
    /** Present when a gateway refused the version: it is not tried again in that environment without an override. */
    isMarked: z.literal(true).optional(),
  }),
});
export type RolloutAborted = EventOf<typeof rolloutAborted>;

export const rolloutSteered = defineEvent('serving.rollout.steered.v1', {
  about: 'A person held a rollout where it is, or let it go on.',
  subject: 'rolloutId',
  data: z.object({ ...rollout, ...step, action: z.enum(['paused', 'resumed']), by: z.string(), reason: z.string() }),
});
export type RolloutSteered = EventOf<typeof rolloutSteered>;

export const rolloutTripped = defineEvent('serving.rollout.tripped.v1', {
  about:
    'A gateway saw a version fail, or slow down, in a way that chance does not explain, and sends it nothing any more; control rolls back.',
  subject: 'rolloutId',
  data: z.object({
    rolloutId: uuid,
    gatewayId: uuid,
    modelName: entityName,
    environment,
    version: versionNumber,
    cause: z.enum(['error-burst', 'latency-burst', 'crash-loop']),
    reasons: z.array(z.string()).min(1),
  }),
});
export type RolloutTripped = EventOf<typeof rolloutTripped>;

const load = {
  gatewayId: uuid,
  modelName: entityName,
  version: versionNumber,
  artifactDigest: digest,
  /** The one the gateway serves; gateways of an earlier release do not say. */
  environment: environment.optional(),
};

export const modelLoaded = defineEvent('serving.model.loaded.v1', {
  about: 'A gateway verified the digest, loaded and warmed up the version.',
  subject: 'modelName',
  data: z.object({ ...load, loadMs: z.number().min(0), runtime: z.string() }),
});
export type ModelLoaded = EventOf<typeof modelLoaded>;

export const modelLoadRefused = defineEvent('serving.model.load-refused.v1', {
  about: 'A gateway refused to serve the version.',
  subject: 'modelName',
  data: z.object({ ...load, reasons: z.array(z.string()).min(1) }),
});
export type ModelLoadRefused = EventOf<typeof modelLoadRefused>;

const batchJob = { jobId: uuid, modelName: entityName, version: versionNumber, artifactDigest: digest };

export const batchJobAccepted = defineEvent('serving.batch-job.accepted.v1', {
  about: 'A file or a dataset version was handed in to be predicted row by row; the version that answers is fixed.',
  subject: 'jobId',
  data: z.object({
    ...batchJob,
    /** The file, or the manifest of the dataset version. */
    inputDigest: digest,
    /** Absent for a file. */
    datasetName: entityName.optional(),
    keyId: z.string(),
    requestedBy: z.string(),
  }),
});
export type BatchJobAccepted = EventOf<typeof batchJobAccepted>;

export const batchJobFinished = defineEvent('serving.batch-job.finished.v1', {
  about: 'A batch job ended: with its results, cancelled, or failed as a whole. Rows that could not be predicted do not fail it.',
  subject: 'jobId',
  data: z.object({
    ...batchJob,
    outcome: z.enum(['succeeded', 'failed', 'cancelled']),
    rowCount: z.int().min(0),
    failedCount: z.int().min(0),
    resultDigest: digest.optional(),
    reason: z.string().optional(),
  }),
});
export type BatchJobFinished = EventOf<typeof batchJobFinished>;

const batchPiece = { jobId: uuid, piece: z.int().min(0), gatewayId: uuid };

export const batchPieceFinished = defineEvent('serving.batch-piece.finished.v1', {
  about: 'A gateway predicted one piece of a batch job; the results are in the object store.',
  subject: 'jobId',
  data: z.object({ ...batchPiece, resultDigest: digest, rowCount: z.int().min(0), failedCount: z.int().min(0) }),
});
export type BatchPieceFinished = EventOf<typeof batchPieceFinished>;

export const batchPieceRefused = defineEvent('serving.batch-piece.refused.v1', {
  about: 'A gateway can never work on a piece of a batch job: its bytes or its model are gone or not what they should be.',
  subject: 'jobId',
  data: z.object({ ...batchPiece, reasons: z.array(z.string()).min(1) }),
});
export type BatchPieceRefused = EventOf<typeof batchPieceRefused>;

export const captureDropped = defineEvent('serving.capture.dropped.v1', {
  about: 'A gateway had to drop captured predictions; counted since its start.',
  subject: 'gatewayId',
  data: z.object({ gatewayId: uuid, droppedCount: z.int().min(1), reason: z.string() }),
});
export type CaptureDropped = EventOf<typeof captureDropped>;

export const endpointChanged = defineEvent('serving.endpoint.changed.v1', {
  about: 'A person changed how an endpoint captures predictions, or which version sees copies of its traffic.',
  subject: 'modelName',
  data: z.object({
    modelName: entityName,
    environment,
    changedBy: z.string(),
    reason: z.string(),
    /** What is recorded from now on; present when that changed. */
    capture: captureSetting.optional(),
    /** The shadow from now on, null for none; present when that changed. */
    shadow: z
      .object({ version: versionNumber, artifactDigest: digest, percent: z.int().min(1).max(100) })
      .nullable()
      .optional(),
  }),
});
export type EndpointChanged = EventOf<typeof endpointChanged>;

const producer = { gatewayId: uuid, producer: z.string() };

export const gatewayStarted = defineEvent('serving.gateway.started.v1', {
  about: 'A gateway process started: its blocks carry this producer, its receipts are signed with this key.',
  subject: 'gatewayId',
  data: z.object({ ...producer, receiptKey: z.string(), runtime: z.string(), processor: z.string() }),
});
export type GatewayStarted = EventOf<typeof gatewayStarted>;

export const gatewayStopped = defineEvent('serving.gateway.stopped.v1', {
  about: 'A gateway process ended; blocks up to this sequence are all there is of its producer.',
  subject: 'gatewayId',
  data: z.object({
    ...producer,
    lastSequence: z.int().min(0),
    /** Rows in all its blocks; absent when whoever found its files cannot tell. */
    rows: z.int().min(0).optional(),
    dropped: z.int().min(0),
    /** False: it ended without a word, and another gateway published what it had left on the disk. */
    isClean: z.boolean(),
  }),
});
export type GatewayStopped = EventOf<typeof gatewayStopped>;

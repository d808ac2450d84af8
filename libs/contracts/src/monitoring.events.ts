import { z } from 'zod';
import { defineBlock, defineEvent, type EventOf } from './define-event.js';
import { digest, entityName, instant, metrics, timeWindow, uuid, versionNumber } from './names.js';

export const predictionLabelled = defineBlock('monitoring.prediction.labelled.v1', {
  about: 'A block of predictions joined with their ground truth.',
  message: 'prediction.v1.LabelledBlock',
});

/** How far one feature moved in a window. */
export const featureDrift = z.object({
  feature: z.string(),
  method: z.string(),
  score: z.number(),
  /** Score that sampling alone would give on average at these sizes. */
  expectedNoise: z.number(),
  threshold: z.number(),
  currentCount: z.int().min(0),
  referenceCount: z.int().min(0),
  reasons: z.array(z.string()),
});
export type FeatureDrift = z.infer<typeof featureDrift>;

const observed = { reportId: uuid, modelName: entityName, version: versionNumber, window: timeWindow };

export const driftDetected = defineEvent('monitoring.drift.detected.v1', {
  about: 'Features moved further from the reference than sampling explains.',
  subject: 'modelName',
  data: z.object({ ...observed, referenceVersion: digest.optional(), features: z.array(featureDrift).min(1) }),
});
export type DriftDetected = EventOf<typeof driftDetected>;

export const driftCleared = defineEvent('monitoring.drift.cleared.v1', {
  about: 'Features that had drifted are back within the threshold.',
  subject: 'modelName',
  data: z.object({ ...observed, features: z.array(z.string()).min(1) }),
});
export type DriftCleared = EventOf<typeof driftCleared>;

export const featureBroken = defineEvent('monitoring.feature.broken.v1', {
  about: 'A feature changed as a fault changes it (unit, missing, constant), not as the world does: no retraining on it.',
  subject: 'modelName',
  data: z.object({
    ...observed,
    feature: z.string(),
    fault: z.enum(['scale-changed', 'missing', 'constant', 'unknown-categories']),
    reasons: z.array(z.string()).min(1),
  }),
});
export type FeatureBroken = EventOf<typeof featureBroken>;

export const performanceDegraded = defineEvent('monitoring.performance.degraded.v1', {
  about: 'Model quality against ground truth fell below what the reference explains.',
  subject: 'modelName',
  data: z.object({
    ...observed,
    metric: z.string(),
    value: z.number(),
    reference: z.number(),
    labelledCount: z.int().min(0),
    reasons: z.array(z.string()).min(1),
  }),
});
export type PerformanceDegraded = EventOf<typeof performanceDegraded>;

export const canaryJudged = defineEvent('monitoring.canary.judged.v1', {
  about: 'The evidence on a rollout step was weighed.',
  subject: 'rolloutId',
  data: z.object({
    rolloutId: uuid,
    modelName: entityName,
    version: versionNumber,
    championVersion: versionNumber.optional(),
    step: z.int().min(0),
    /** `no-winner`: an A/B test is over and neither version is better; nothing speaks against the version. */
    verdict: z.enum(['pass', 'fail', 'insufficient-data', 'no-winner']),
    reasons: z.array(z.string()).min(1),
    evidence: metrics,
  }),
});
export type CanaryJudged = EventOf<typeof canaryJudged>;

export const captureGapDetected = defineEvent('monitoring.capture.gap-detected.v1', {
  about: 'A gateway counted blocks of predictions that never arrived.',
  subject: 'producer',
  data: z.object({
    producer: z.string(),
    /** Absent when the gateway was never heard of but through its blocks. */
    gatewayId: uuid.optional(),
    /** Sequence numbers of missing blocks, both ends included. */
    missing: z.array(z.object({ from: z.int().min(0), to: z.int().min(0) })),
    missingBlocks: z.int().min(0),
    /** Rows lost at most: exact where a later block says how many came before, else 256 for each block. */
    rowsAtMost: z.int().min(0),
    /** True when the gateway fell silent without an end: what it answered after that is in no number here. */
    isEndUnknown: z.boolean(),
    lastHeardAt: instant,
  }),
});
export type CaptureGapDetected = EventOf<typeof captureGapDetected>;

const alert = { alertId: uuid, modelName: entityName, rule: z.string(), severity: z.enum(['info', 'warning', 'critical']) };

export const alertRaised = defineEvent('monitoring.alert.raised.v1', {
  about: 'Somebody should look.',
  subject: 'alertId',
  data: z.object({ ...alert, message: z.string() }),
});
export type AlertRaised = EventOf<typeof alertRaised>;

export const alertResolved = defineEvent('monitoring.alert.resolved.v1', {
  about: 'The reason of an alert is gone.',
  subject: 'alertId',
  data: z.object({ ...alert, message: z.string() }),
});
export type AlertResolved = EventOf<typeof alertResolved>;

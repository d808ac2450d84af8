import { abMetric } from '@bascule/contracts';
import { z } from 'zod';

const share = z.number().min(0).max(1);

const drift = z.object({
  /** How far a PSI must exceed its expected noise. */
  minExcess: z.number().min(0).max(10).default(0.1),
  minCount: z.int().min(10).default(30),
  /** Months in a row that must exceed the noise: one odd month is weather, three are drift. A year counts by itself. */
  monthsInRow: z.int().min(1).max(12).default(3),
});

const brokenFeature = z.object({
  minCount: z.int().min(10).default(20),
  /** A scale change smaller than this is taken for the world's doing. */
  scaleBeyond: z.number().min(0.05).max(10).default(0.25),
  /** How closely the quantiles must agree on the factor. */
  scaleAgreement: z.number().min(0.01).max(0.5).default(0.1),
  missingJump: share.default(0.5),
  unknownShare: share.default(0.8),
});

const performance = z.object({
  minLabelled: z.int().min(20).default(100),
  /** A window is judged once this share of its predictions has a label. */
  minLabelledShare: share.default(0.5),
  minAucLoss: share.default(0.03),
  minLogLossGain: z.number().min(0).default(0.03),
  /** Of models of several classes. */
  minAccuracyLoss: share.default(0.03),
  minF1Loss: share.default(0.03),
  /** Of models of numbers: by which part of what it was on the hold-out an error must grow. */
  minErrorGain: z.number().min(0).max(100).default(0.1),
  /** Chance of a false report per window and metric. */
  falseReportChance: z.number().min(1e-6).max(0.2).default(0.001),
});

const business = z.object({
  metric: abMetric,
  better: z.enum(['higher', 'lower']).default('higher'),
  harmless: z.number().min(0).default(0.01),
});
const strictMetric = z.discriminatedUnion('kind', [abMetric.options[0].strict(), abMetric.options[1].strict()]);

const canary = z.object({
  /** Chance that a good version is taken back in a rollout, over all metrics, steps and looks together. */
  alpha: z.number().min(0.0001).max(0.2).default(0.01),
  /** Labelled predictions of each version that a step needs to pass; null: 20 while labels come in time, else it is judged without. */
  minLabelled: z.int().min(0).nullable().default(null),
  /** With `minLabelled` null: while the model's answers of late have no labels, a step waits so long for the first. */
  labelsWithinSeconds: z.int().min(0).default(600),
  /** Requests to the version that a step needs to pass, when the strategy does not say. */
  minPredictions: z.int().min(0).default(20),
  /** The number of canary requests for which the tests are sharpest. */
  plannedRequests: z.int().min(100).default(3_000),
  /** A new look at labels after so many more labelled canary predictions. */
  lookEvery: z.int().min(1).default(10),
  /** While the one-sided p-value is below this (of other metrics: below their part of it), harm is suspected and a pass waits. */
  suspicion: z.number().min(0).max(0.5).default(0.1),
  /** Rise of the mean log loss that nobody minds. */
  harmlessRise: z.number().min(0).default(0.01),
  maxInvalidShare: share.default(0.02),
  /** A canary of whose requests such a share fails, and far fewer of the champion's, fails at once. */
  criticalErrorRate: share.default(0.5),
  /** How much longer answers may take: by this part, and by these milliseconds. */
  maxLatencyRise: z.number().min(0).max(100).default(0.5),
  harmlessLatencyMs: z.number().min(0).default(10),
  /** How far outputs may lie from the champion's of the same time. */
  maxOutputPsi: z.number().min(0).max(10).default(0.08),
  /** Share of a shadow's copies that may be answered differently; null: it is told, not judged. */
  maxDisagreement: z.number().min(0).max(1).nullable().default(null),
  /** How much further scores may be off the labels, on average, than the champion's. */
  maxCalibrationRise: share.default(0.05),
  /** A metric of the business, and how much worse it may be. */
  business: business.nullable().default(null),
  /** After so many seconds of a step, evidence that is still short counts as this, when the strategy does not say. */
  insufficientAfterSeconds: z.int().min(1).default(604_800),
  onInsufficient: z.enum(['fail', 'pass']).default('fail'),
});

/** What counts as drift, fault, decay and harm for one model, as it is stored: what an earlier release knew and this one does not is left out. */
export const monitoringPolicy = z
  .object({
    drift: drift.prefault({}),
    brokenFeature: brokenFeature.prefault({}),
    performance: performance.prefault({}),
    canary: canary.prefault({}),
  })
  .prefault({});
export type MonitoringPolicy = z.infer<typeof monitoringPolicy>;

/** The same as a request: a setting nobody knows is a mistake, and would otherwise put the one that was meant back to its default. */
export const newMonitoringPolicy = z
  .strictObject({
    drift: drift.strict().prefault({}),
    brokenFeature: brokenFeature.strict().prefault({}),
    performance: performance.strict().prefault({}),
    canary: canary
      .extend({ business: business.extend({ metric: strictMetric }).strict().nullable().default(null) })
      .strict()
      .prefault({}),
  })
  .prefault({})
  .meta({ id: 'MonitoringPolicy' });

/** The policy of a model that nobody has set one for. */
export const defaultPolicy: MonitoringPolicy = monitoringPolicy.parse({});

import { z } from 'zod';

const share = z.number().min(0).max(1);

/** What counts as drift, fault, decay and harm for one model; every number has a default. */
export const monitoringPolicy = z
  .object({
    drift: z
      .object({
        /** How far a PSI must exceed its expected noise. */
        minExcess: z.number().min(0).max(10).default(0.1),
        minCount: z.int().min(10).default(30),
        /** Months in a row that must exceed the noise: one odd month is weather, three are drift. A year counts by itself. */
        monthsInRow: z.int().min(1).max(12).default(3),
      })
      .prefault({}),
    brokenFeature: z
      .object({
        minCount: z.int().min(10).default(20),
        /** A scale change smaller than this is taken for the world's doing. */
        scaleBeyond: z.number().min(0.05).max(10).default(0.25),
        /** How closely the quantiles must agree on the factor. */
        scaleAgreement: z.number().min(0.01).max(0.5).default(0.1),
        missingJump: share.default(0.5),
        unknownShare: share.default(0.8),
      })
      .prefault({}),
    performance: z
      .object({
        minLabelled: z.int().min(20).default(100),
        /** A window is judged once this share of its predictions has a label. */
        minLabelledShare: share.default(0.5),
        minAucLoss: share.default(0.03),
        minLogLossGain: z.number().min(0).default(0.03),
        /** Chance of a false report per window and metric. */
        falseReportChance: z.number().min(1e-6).max(0.2).default(0.001),
      })
      .prefault({}),
    canary: z
      .object({
        /** Labelled canary predictions that a step needs to pass. */
        minLabelled: z.int().min(5).default(20),
        /** Chance that a harmless canary fails a step, over all looks together. */
        alpha: z.number().min(0.001).max(0.2).default(0.05),
        /** A new look after so many more labelled canary predictions. */
        lookEvery: z.int().min(1).default(10),
        /** While the one-sided p-value is below this, harm is suspected and a pass waits for more labels. */
        suspicion: z.number().min(0).max(0.5).default(0.1),
        /** Rise of the mean log loss that nobody minds. */
        harmlessRise: z.number().min(0).default(0.01),
        maxInvalidShare: share.default(0.02),
      })
      .prefault({}),
  })
  .prefault({})
  .meta({ id: 'MonitoringPolicy' });
export type MonitoringPolicy = z.infer<typeof monitoringPolicy>;

/** The policy of a model that nobody has set one for. */
export const defaultPolicy: MonitoringPolicy = monitoringPolicy.parse({});

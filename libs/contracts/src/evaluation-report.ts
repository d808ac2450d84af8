import { z } from 'zod';
import { digest, entityName, instant } from './names.js';
import { pairedComparison } from './training.events.js';

/** What a model tells: one of two classes, one of several, or a number. */
export const modelTask = z.enum(['binary', 'multiclass', 'regression']);
export type ModelTask = z.infer<typeof modelTask>;

/** A number measured on rows, with where it lies in 95 of 100 resamplings of them; null where that cannot be told. */
export const measure = z.object({ name: z.string().min(1), value: z.number(), interval: z.tuple([z.number(), z.number()]).nullable() });
export type Measure = z.infer<typeof measure>;

const point = z.tuple([z.number(), z.number()]);

/** Rows whose scores lie in `[from, to)`, the last bin closed: what was promised beside what happened. */
export const reliabilityBin = z.object({
  from: z.number(),
  to: z.number(),
  rowCount: z.int().min(1),
  meanScore: z.number(),
  positiveShare: z.number(),
  /** Wilson interval of the share, 95 %. */
  interval: z.tuple([z.number(), z.number()]),
});
export type ReliabilityBin = z.infer<typeof reliabilityBin>;

/** The rows with one value of a column, or in one range of it. */
export const slice = z.object({ column: z.string(), value: z.string(), rowCount: z.int().min(1), measures: z.array(measure) });
export type EvaluationSlice = z.infer<typeof slice>;

/** How a group of people fares; rates are null where the group has no row to take them from. */
export const fairnessGroup = z.object({
  value: z.string(),
  rowCount: z.int().min(1),
  positiveCount: z.int().min(0),
  selectionRate: z.number(),
  baseRate: z.number(),
  accuracy: z.number(),
  truePositiveRate: z.number().nullable(),
  falsePositiveRate: z.number().nullable(),
  precision: z.number().nullable(),
  auc: z.number().nullable(),
  /** Mean score less share of positives: above 0 the model promises too much. */
  calibrationGap: z.number(),
});
export type FairnessGroup = z.infer<typeof fairnessGroup>;

/** Groups of a sensitive column side by side; differences are the largest between any two groups with enough rows. */
export const fairness = z.object({
  column: z.string(),
  /** Of several classes: the one that is told from all others. */
  class: z.string().optional(),
  groups: z.array(fairnessGroup),
  demographicParityDifference: z.number().nullable(),
  demographicParityRatio: z.number().nullable(),
  equalizedOddsDifference: z.number().nullable(),
  equalOpportunityDifference: z.number().nullable(),
  /** Groups too small to be counted in the differences. */
  leftOut: z.array(z.string()),
});
export type Fairness = z.infer<typeof fairness>;

/** Groups of a sensitive column side by side where a number is told: above 0 the model tells too much. */
export const errorFairness = z.object({
  column: z.string(),
  groups: z.array(
    z.object({
      value: z.string(),
      rowCount: z.int().min(1),
      meanLabel: z.number(),
      meanError: z.number(),
      mae: z.number(),
      rmse: z.number(),
    }),
  ),
  meanErrorDifference: z.number().nullable(),
  maeDifference: z.number().nullable(),
  /** Groups too small to be counted in the differences. */
  leftOut: z.array(z.string()),
});
export type ErrorFairness = z.infer<typeof errorFairness>;

/** One look for knowledge in the training data that will not be there when it is needed. */
export const leakCheck = z.object({
  check: z.enum(['target-in-features', 'duplicates-across-splits', 'future-time']),
  /** `not-checked`: nobody looked, for the reason given. */
  outcome: z.enum(['clean', 'suspect', 'leak', 'not-checked']),
  reasons: z.array(z.string()),
});
export type LeakCheck = z.infer<typeof leakCheck>;

/** How much worse the model gets when the values of a feature are shuffled among the rows. */
export const importance = z.object({ feature: z.string(), loss: z.number(), interval: z.tuple([z.number(), z.number()]) });
export type Importance = z.infer<typeof importance>;

/** How a model version did on rows it never saw. Its SHA-256 names it in the object store. */
export const evaluationReport = z.object({
  schemaVersion: z.literal(1),
  modelName: entityName,
  trainer: entityName,
  task: modelTask,
  datasetVersion: digest,
  evaluatedOn: z.object({ from: instant, to: instant, rowCount: z.int().min(1) }),
  /** How the hold-out was chosen. */
  split: z.string(),
  /** Classes in the order of the probabilities; empty for a regression. */
  classes: z.array(z.string()),
  measures: z.array(measure),
  /** From every fold of a cross-validation, the hold-out not among them. */
  folds: z.array(z.object({ rowCount: z.int().min(1), measures: z.array(measure) })),
  /** `counts[i][j]`: rows of class i that were given class j. */
  confusion: z.array(z.array(z.int().min(0))).nullable(),
  /** Of a binary model: points (false positive rate, true positive rate) and (recall, precision), thinned out. */
  curves: z.object({ roc: z.array(point), precisionRecall: z.array(point) }).nullable(),
  reliability: z.array(reliabilityBin),
  importance: z.array(importance),
  slices: z.array(slice),
  /** Of classes: for several of them a table each. */
  fairness: z.array(fairness),
  /** Of numbers. */
  errorFairness: z.array(errorFairness).optional(),
  leakChecks: z.array(leakCheck),
  comparison: pairedComparison.optional(),
});
export type EvaluationReport = z.infer<typeof evaluationReport>;

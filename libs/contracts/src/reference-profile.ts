import { z } from 'zod';
import { columnLimits } from './column-limits.js';
import { digest, entityName, instant } from './names.js';

/** Distribution of a numeric feature: `counts[i]` values lie in `[edges[i-1], edges[i])`; the outer bins are open, so counts has one more entry than edges. */
export const numericProfile = z.object({
  name: z.string(),
  kind: z.literal('numeric'),
  /** What the contract of the training data allows. */
  limits: columnLimits.optional(),
  missing: z.int().min(0),
  edges: z.array(z.number()),
  counts: z.array(z.int().min(0)),
  min: z.number().nullable(),
  max: z.number().nullable(),
  /** Values at 5, 25, 50, 75 and 95 %; empty when the column holds no number. */
  quantiles: z.array(z.number()).max(5),
});
export type NumericProfile = z.infer<typeof numericProfile>;

/** Distribution of a categorical feature: every category seen, most frequent first. */
export const categoricalProfile = z.object({
  name: z.string(),
  kind: z.literal('categorical'),
  limits: columnLimits.optional(),
  missing: z.int().min(0),
  categories: z.array(z.object({ value: z.string(), count: z.int().min(1) })),
});
export type CategoricalProfile = z.infer<typeof categoricalProfile>;

/**
 * What normal looks like for a model version: how its features, its predictions and its performance were on rows that it did not
 * learn from. Features alone rest on all rows where the hold-out is too small (`featuresFrom`).
 */
export const referenceProfile = z.object({
  schemaVersion: z.literal(1),
  /** Where the rows of the features come from. */
  datasetName: entityName,
  datasetVersion: digest,
  /** Rows that say how features are spread: the hold-out alone, or with the training rows where it is too small to tell. Absent: not told. */
  featuresFrom: z.enum(['hold-out', 'all-rows']).optional(),
  /** So many of them, from the first to the last. */
  rowCount: z.int().min(1),
  occurredFrom: instant,
  occurredTo: instant,
  features: z.array(z.discriminatedUnion('kind', [numericProfile, categoricalProfile])),
  prediction: numericProfile,
  /** Of a model that tells yes from no; absent for others. */
  performance: z
    .object({
      rowCount: z.int().min(0),
      positiveCount: z.int().min(0),
      auc: z.number(),
      logLoss: z.number(),
      brier: z.number(),
    })
    .optional(),
  /** Of a model of several classes, or of numbers; absent for others, and in profiles of before it was measured. */
  quality: z
    .object({
      task: z.enum(['multiclass', 'regression']),
      rowCount: z.int().min(1),
      /** Of `multiclass`: how many there are. */
      classCount: z.int().min(2).optional(),
      /** Of the hold-out, by name: `accuracy`, `f1Macro` and `logLoss`, or `mae` and `rmse`; each with its standard error. */
      measures: z.record(z.string(), z.object({ value: z.number(), standardError: z.number().min(0) })),
    })
    .optional(),
});
export type ReferenceProfile = z.infer<typeof referenceProfile>;

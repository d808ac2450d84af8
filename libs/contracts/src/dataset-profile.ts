import { z } from 'zod';
import { datasetColumn } from './dataset-manifest.js';
import { digest, entityName } from './names.js';

/** Distribution of a numeric column: `counts[i]` values lie in `[edges[i-1], edges[i])`; the outer bins are open. Quantiles and counts come from a sketch with a relative error of 0.5 %. */
export const numericDistribution = z.object({
  min: z.number(),
  max: z.number(),
  mean: z.number(),
  standardDeviation: z.number(),
  /** Values at 1, 5, 25, 50, 75, 95 and 99 %. */
  quantiles: z.array(z.number()).length(7),
  /** At most 63 edges: 64 bins of about equal count. */
  edges: z.array(z.number()).max(63),
  counts: z.array(z.int().min(0)).max(64),
});

/** What one column of a dataset version holds. */
export const columnProfile = datasetColumn.extend({
  /** Rows with a value. */
  count: z.int().min(0),
  missing: z.int().min(0),
  /** Distinct values; a lower bound where `isApproximate`. */
  distinct: z.int().min(0),
  isApproximate: z.boolean(),
  /** Of numbers; absent for personal columns and where there is no value. */
  numeric: numericDistribution.optional(),
  /** The most frequent values of texts and booleans, and the months of times; none for ids and personal columns. */
  categories: z.array(z.object({ value: z.string(), count: z.int().min(1) })).optional(),
  /** Rows with a value that is not among the categories. */
  otherCount: z.int().min(0).optional(),
  /** How far rows with a label are from rows without: population stability index, and the share without a value in both. */
  labelBias: z.object({ psi: z.number(), labelledMissing: z.number(), unlabelledMissing: z.number() }).optional(),
});
export type ColumnProfile = z.infer<typeof columnProfile>;

/** What a dataset version holds, column by column. */
export const datasetProfile = z.object({
  schemaVersion: z.literal(1),
  datasetName: entityName,
  datasetVersion: digest,
  rowCount: z.int().min(0),
  labelledCount: z.int().min(0),
  /** Share of the rows that have a label at all; null without rows. */
  labelledShare: z.number().nullable(),
  columns: z.array(columnProfile),
});
export type DatasetProfile = z.infer<typeof datasetProfile>;

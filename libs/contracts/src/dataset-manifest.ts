import { z } from 'zod';
import { columnLimits } from './column-limits.js';
import { digest, entityName, instant, uuid } from './names.js';

/** One column of a dataset, in the order of the Parquet files. */
export const datasetColumn = z.object({
  name: z.string().min(1),
  type: z.enum(['string', 'number', 'integer', 'boolean', 'timestamp']),
  role: z.enum(['feature', 'label', 'id', 'time', 'other']),
  nullable: z.boolean(),
  /** The contract marks it as personal: profiles and views do not show its values. */
  isPersonal: z.boolean().optional(),
  /** What the contract allows of its values. */
  limits: columnLimits.optional(),
});
export type DatasetColumn = z.infer<typeof datasetColumn>;

/** One Parquet file of a dataset version, named by its digest in the object store. */
export const datasetPart = z.object({
  digest,
  sizeBytes: z.int().min(0),
  rowCount: z.int().min(0),
  labelledCount: z.int().min(0),
  occurredFrom: instant,
  occurredTo: instant,
  batchId: uuid,
  /** `upload`: sent to ingestion; `production`: predictions joined with their ground truth. */
  origin: z.enum(['upload', 'production']),
  /** The part of an earlier version that this one is the rest of, where rows were taken out. */
  restOf: digest.optional(),
  /** Where the labels of a production part came from, row by row: a Parquet file in the object store, and what it counts. */
  labels: z
    .object({ digest, rowCount: z.int().min(0), sources: z.record(z.string(), z.int()), selections: z.record(z.string(), z.int()) })
    .optional(),
});
export type DatasetPart = z.infer<typeof datasetPart>;

/** How a version came from its parent; `window` and `correction` replace rows, `erasure` only takes them out. */
export const datasetChange = z.object({
  kind: z.enum(['append', 'replace', 'window', 'correction', 'erasure']),
  /** Of a window: its beginning, and its end, which is not within. */
  from: instant.optional(),
  to: instant.optional(),
  /** Rows of the parent that are not in this version. */
  removedCount: z.int().min(0),
});
export type DatasetChange = z.infer<typeof datasetChange>;

/** An immutable dataset version. Its SHA-256 (over the stored bytes of this JSON) is its name. */
export const datasetManifest = z.object({
  schemaVersion: z.literal(1),
  datasetName: entityName,
  contractName: entityName,
  contractVersion: z.int().min(1),
  parentVersion: digest.nullable(),
  columns: z.array(datasetColumn).min(1),
  parts: z.array(datasetPart).min(1),
  rowCount: z.int().min(0),
  labelledCount: z.int().min(0),
  occurredFrom: instant,
  occurredTo: instant,
  /** Absent in versions that were made before it was kept: those append. */
  change: datasetChange.optional(),
  /** Root of a SHA-256 tree (RFC 6962) over columns and parts: the same rows under the same columns have the same. */
  contentRoot: digest.optional(),
});
export type DatasetManifest = z.infer<typeof datasetManifest>;

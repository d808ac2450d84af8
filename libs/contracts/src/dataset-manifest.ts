import { z } from 'zod';
import { digest, entityName, instant, uuid } from './names.js';

/** One column of a dataset, in the order of the Parquet files. */
export const datasetColumn = z.object({
  name: z.string().min(1),
  type: z.enum(['string', 'number', 'integer', 'boolean', 'timestamp']),
  role: z.enum(['feature', 'label', 'id', 'time', 'other']),
  nullable: z.boolean(),
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
});
export type DatasetPart = z.infer<typeof datasetPart>;

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
});
export type DatasetManifest = z.infer<typeof datasetManifest>;

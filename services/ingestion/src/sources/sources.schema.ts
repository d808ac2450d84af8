import { entityName, instant, uuid } from '@bascule/contracts';
import { z } from 'zod';
import { readOptions } from '../batches/batches.schema.js';

const identifier = z.string().regex(/^[^\0]{1,63}$/, 'the name of a table or column');

/** A table of PostgreSQL, read from a watermark on: rows that came or changed since. */
export const tableSettings = z.strictObject({
  kind: z.literal('postgres'),
  /** Name of a connection among the setting SOURCE_CONNECTIONS. */
  connection: z.string().min(1).max(100),
  schemaName: identifier.default('public'),
  tableName: identifier,
  /** A column that grows with every new or changed row: a time or a number. Rows without it are never taken. */
  watermarkColumn: identifier,
  /** A unique column; tells rows with the same watermark apart. */
  keyColumn: identifier,
  /** Only rows whose watermark, a time, is so old: those of transactions that are still running are not passed over. */
  lagSeconds: z.number().min(0).max(86_400).default(0),
  rowsPerBatch: z.int().min(1).max(1_000_000).default(100_000),
});
export type TableSettings = z.infer<typeof tableSettings>;

/** Files of a folder, each taken once. */
export const folderSettings = z.strictObject({
  kind: z.literal('folder'),
  /** Name of a folder among the setting SOURCE_FOLDERS. */
  folder: z.string().min(1).max(100),
  /** Names of files, with * for any characters. */
  pattern: z
    .string()
    .min(1)
    .max(200)
    .regex(/^[^/\\]+$/, 'a file name, without folders')
    .default('*'),
  /** A file that was changed less long ago may still be written to. */
  settleSeconds: z.number().min(0).max(86_400).default(5),
  read: readOptions.default({}),
});
export type FolderSettings = z.infer<typeof folderSettings>;

/** Objects of a bucket of S3 below a prefix, each taken once. */
export const bucketSettings = z.strictObject({
  kind: z.literal('s3'),
  /** Name of a bucket among the setting SOURCE_BUCKETS. */
  bucket: z.string().min(1).max(100),
  prefix: z.string().max(1024).default(''),
  /** Names of objects behind their last slash, with * for any characters. */
  pattern: z
    .string()
    .min(1)
    .max(200)
    .regex(/^[^/\\]+$/, 'a name, without slashes')
    .default('*'),
  read: readOptions.default({}),
});
export type BucketSettings = z.infer<typeof bucketSettings>;

export const sourceSettings = z.discriminatedUnion('kind', [tableSettings, folderSettings, bucketSettings]);
export type SourceSettings = z.infer<typeof sourceSettings>;

/** The position behind which rows are new, as PostgreSQL writes the values. */
export interface Watermark {
  readonly watermark: string;
  readonly key: string;
}

export const sourceBody = z.strictObject({
  name: entityName,
  datasetName: entityName,
  contractName: entityName,
  everySeconds: z.int().min(1).max(31_536_000).default(300),
  settings: sourceSettings,
});
export type SourceBody = z.infer<typeof sourceBody>;

export const sourceView = z
  .object({
    name: entityName,
    datasetName: entityName,
    contractName: entityName,
    everySeconds: z.int(),
    settings: z.record(z.string(), z.unknown()),
    isPaused: z.boolean(),
    watermark: z.object({ watermark: z.string(), key: z.string() }).nullable(),
    nextRunAt: instant,
    lastRunAt: instant.nullable(),
    lastBatchId: uuid.nullable(),
    failures: z.int(),
    lastError: z.string().nullable(),
    createdBy: z.string(),
  })
  .meta({ id: 'Source' });
export const sourcePage = z.object({ items: z.array(sourceView), nextCursor: z.string().nullable() });

const troubleView = z
  .object({
    path: z.string(),
    sizeBytes: z.number(),
    changedAt: instant,
    attempts: z.int(),
    lastError: z.string(),
    failedAt: instant,
    isGivenUp: z.boolean(),
  })
  .meta({ id: 'SourceTrouble' });
export const troublePage = z.object({ items: z.array(troubleView), nextCursor: z.string().nullable() });

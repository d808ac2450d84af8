import { captureLevel, digest, entityName, instant, uuid } from '@bascule/contracts';
import { pageQuery, pageSchema } from '@bascule/platform';
import { z } from 'zod';

const columnName = z.string().min(1).max(1_000);

const mapping = z
  .string()
  .max(100_000)
  .transform((text, context) => {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      context.addIssue({ code: 'custom', message: 'must be a JSON object of feature to column' });
      return z.NEVER;
    }
  })
  .pipe(z.record(z.string().min(1), columnName));

// a misspelt name would be lost without a word
export const submitQuery = z.strictObject({
  /** Form of the results. */
  output: z.enum(['parquet', 'csv']).default('parquet'),
  /** A version other than the champion; operators only. */
  version: z.coerce.number().int().min(1).optional(),
  /** Column with the client's own ids. */
  id: columnName.optional(),
  /** Column that says when each record occurred; windows are cut by it. */
  occurredAt: columnName.optional(),
  /** JSON object of feature to column, for those that have other names. */
  mapping: mapping.optional(),
  /** What a feature is that a record of NDJSON does not have, by the rule of `predict`; a table has its columns in every row. */
  absentFeatures: z.enum(['refuse', 'missing']).default('refuse'),
  /** `off`: the rows are not captured as predictions (operators only); else they are as the endpoint says. */
  capture: z.enum(['on', 'off']).default('on'),
});
export type SubmitQuery = z.infer<typeof submitQuery>;

export const datasetBody = z
  .strictObject({ dataset: z.strictObject({ name: entityName, version: digest }) })
  .meta({ id: 'BatchJobOfDataset' });

export const jobsQuery = pageQuery.extend({ model: entityName.optional() }).strict();

export const batchJobView = z
  .object({
    jobId: uuid,
    modelName: z.string(),
    version: z.int(),
    status: z.enum(['running', 'assembling', 'succeeded', 'failed', 'cancelled']),
    reason: z.string().nullable(),
    input: z.union([
      z.object({ kind: z.literal('file'), digest, sizeBytes: z.int(), contentType: z.string() }),
      z.object({ kind: z.literal('dataset'), datasetName: z.string(), datasetVersion: digest }),
    ]),
    output: z.enum(['parquet', 'csv']),
    capture: captureLevel,
    rows: z.object({
      /** Null until the input is read to its end. */
      total: z.int().nullable(),
      done: z.int(),
      failed: z.int(),
    }),
    /** About the values of the rows read so far, most rows first; none of it keeps a row from its answer by itself. */
    findings: z.array(
      z.object({
        feature: z.string(),
        column: z.string(),
        kind: z.enum(['missing', 'outside_contract']),
        message: z.string(),
        rows: z.int(),
        /** From 1. */
        firstRow: z.int(),
      }),
    ),
    rowsPerSecond: z.number().nullable(),
    /** Until the results can be had; null while nobody can tell. */
    secondsLeft: z.int().nullable(),
    result: z.object({ digest, sizeBytes: z.int(), availableUntil: instant }).nullable(),
    requestedBy: z.string(),
    acceptedAt: instant,
    endedAt: instant.nullable(),
  })
  .meta({ id: 'BatchJob' });
export type BatchJobView = z.infer<typeof batchJobView>;
export const batchJobPage = pageSchema(batchJobView).meta({ id: 'BatchJobPage' });

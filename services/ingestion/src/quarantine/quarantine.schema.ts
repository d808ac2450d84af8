import { entityName, instant, uuid } from '@bascule/contracts';
import { pageQuery } from '@bascule/platform';
import { z } from 'zod';
import { datePattern } from '../repairs/read-date.js';
import { repairSettings } from '../repairs/repairs.schema.js';
import { storageFault } from '../storable-text.js';
import { reasonCodes } from '../validation/reason.js';
import { quarantineStatuses } from './quarantined-record.entity.js';

const scalar = z.union([z.string().max(100_000), z.number(), z.boolean(), z.null()]);
const code = z.enum(reasonCodes);
const rows = z.array(z.int().min(1)).min(1).max(10_000);
const reason = z.string().trim().min(1).max(1000);

const field = z.string().min(1).max(200);
/** Which records: by a reason they have, by the field it is about, by what became of them. */
const filter = { code: code.optional(), field: field.optional(), status: z.enum(quarantineStatuses).optional() };
export type QuarantineFilter = z.infer<z.ZodObject<typeof filter>>;

export const quarantineQuery = pageQuery.extend(filter).strict();
export type QuarantineQuery = z.infer<typeof quarantineQuery>;

/** Which of the waiting records: by their numbers, or by a reason they have, for one field or any. */
const selection = { rows: rows.optional(), code: code.optional(), field: field.optional() };
const selects = ({ rows, code }: { rows?: number[] | undefined; code?: string | undefined }) =>
  (rows === undefined) !== (code === undefined);

export const discardBody = z.strictObject({ ...selection, reason }).refine(selects, 'either rows or code');
export type DiscardBody = z.infer<typeof discardBody>;

export const resubmitBody = z
  .strictObject({
    ...selection,
    reason,
    /** Corrected records, by their numbers. */
    records: z
      .array(z.strictObject({ row: z.int().min(1), record: z.record(z.string(), z.unknown()) }))
      .max(10_000)
      .default([]),
    /** Field to the value it gets in every record. */
    set: z.record(z.string(), scalar).default({}),
    /** Field to what each of its texts becomes. */
    mapValues: z.record(z.string(), z.record(z.string(), scalar)).default({}),
    /** Field to the repairs of its text, as a contract declares them. */
    repairs: z.record(z.string(), repairSettings).default({}),
  })
  .refine(selects, 'either rows or code')
  .superRefine((body, check) => {
    const fault = storageFault(body);
    if (fault) check.addIssue({ code: 'custom', path: [...fault.path], message: fault.message });
    for (const [name, { dateFormats = [] }] of Object.entries(body.repairs)) {
      try {
        dateFormats.forEach(datePattern);
      } catch (error) {
        check.addIssue({ code: 'custom', path: ['repairs', name, 'dateFormats'], message: (error as Error).message });
      }
    }
  });
export type ResubmitBody = z.infer<typeof resubmitBody>;

export const quarantinedView = z
  .object({
    /** Number of the record in the batch, from 1. */
    row: z.int(),
    /** Line of the content it begins on, from 1; 0 where the format has no lines. */
    line: z.int(),
    /** The original text, cut after 20,000 characters; null where it was not kept. */
    raw: z.string().nullable(),
    record: z.unknown(),
    reasons: z.array(
      z.object({
        code,
        field: z.string().optional(),
        message: z.string(),
        value: z.string().optional(),
        expectation: z.string().optional(),
      }),
    ),
    status: z.enum(quarantineStatuses),
    resubmittedBatchId: uuid.nullable(),
    settledBy: z.string().nullable(),
    settledAt: instant.nullable(),
    settledReason: z.string().nullable(),
  })
  .meta({ id: 'QuarantinedRecord' });
export const quarantinePage = z.object({ items: z.array(quarantinedView), nextCursor: z.string().nullable() });

export const quarantineCounts = z
  .object({
    /** Reason code to number of records that have it and wait. */
    waiting: z.record(z.string(), z.int()),
    statuses: z.record(z.enum(quarantineStatuses), z.int()),
  })
  .meta({ id: 'QuarantineCounts' });
export const settledView = z
  .object({ rowCount: z.int(), correctedCount: z.int(), batchId: uuid.nullable() })
  .meta({ id: 'QuarantineSettled' });

export const downloadQuery = z.strictObject({ ...filter, format: z.enum(['ndjson', 'csv']).default('ndjson') });
export type DownloadQuery = z.infer<typeof downloadQuery>;

export const anyQuarantineQuery = quarantineQuery.extend({ dataset: entityName.optional() });
export type AnyQuarantineQuery = z.infer<typeof anyQuarantineQuery>;

export const anyQuarantinePage = z.object({
  items: z.array(quarantinedView.extend({ batchId: uuid, datasetName: entityName }).meta({ id: 'QuarantinedRecordOfBatch' })),
  nextCursor: z.string().nullable(),
});

export const anyQuarantineCounts = z
  .object({
    /** Records that wait, most first; of one record each reason counts. */
    waiting: z.array(z.object({ datasetName: entityName, code, field: z.string().nullable(), recordCount: z.int(), batchCount: z.int() })),
  })
  .meta({ id: 'AllQuarantineCounts' });

import { askedInstant, digest, entityName, instant, uuid } from '@bascule/contracts';
import { pageQuery } from '@bascule/platform';
import { compressions, encodings, tableFormats } from '@bascule/tables';
import { z } from 'zod';
import { publishAs, publishModes } from '../publication/publish-as.js';
import { textFault } from '../storable-text.js';
import { findingKinds } from '../validation/compare-history.js';
import { flagCodes } from '../validation/guard-settings.js';
import { verdicts } from '../validation/validation-report.js';

const delimiterNames = { comma: ',', semicolon: ';', tab: '\t', pipe: '|' } as const;

/** How to read content, where that is not to be found out. */
export const readOptions = z.strictObject({
  format: z.enum(tableFormats).optional(),
  encoding: z.enum(encodings).optional(),
  /** One character, or `comma`, `semicolon`, `tab`, `pipe`. */
  delimiter: z
    .enum(['comma', 'semicolon', 'tab', 'pipe'])
    .transform((name): string => delimiterNames[name])
    .or(z.string().regex(/^[^\r\n"]$/, 'one character, or comma, semicolon, tab or pipe'))
    .optional(),
  /** One character, or `none`. */
  quote: z
    .literal('none')
    .transform(() => '')
    .or(z.enum(['"', "'", '']))
    .optional(),
  header: z
    .enum(['true', 'false'])
    .transform((text) => text === 'true')
    .optional(),
});
export type ReadOptions = z.infer<typeof readOptions>;

export const sendQuery = z.strictObject({
  ...readOptions.shape,
  contract: entityName,
  /** `append` (the default), `replace` all records, those of a `window` of time, or `correct` those with the same keys. */
  mode: z.enum(publishModes).default('append'),
  /** Of a window: its beginning, and its end, which is not within. */
  from: askedInstant.optional(),
  to: askedInstant.optional(),
  /** Takes content that was taken before once more, as a batch of its own. */
  repeat: z
    .enum(['true', 'false'])
    .transform((text) => text === 'true')
    .default(false),
});
export type SendQuery = z.infer<typeof sendQuery>;

export const resubmitBatchBody = z.strictObject({
  reason: z
    .string()
    .trim()
    .min(1)
    .max(1000)
    .refine((text) => textFault(text) === undefined, 'holds text that cannot be stored'),
});
export type ResubmitBatchBody = z.infer<typeof resubmitBatchBody>;

const counts = z.record(z.string(), z.int());
export const batchStatus = z.enum(['received', 'validated', 'rejected']);
export const batchListQuery = pageQuery
  .extend({
    dataset: entityName.optional(),
    /** The contract that judged it, in any version or in one. */
    contract: entityName.optional(),
    contractVersion: z.coerce.number().int().min(1).optional(),
    status: batchStatus.optional(),
  })
  .strict();
export type BatchListQuery = z.infer<typeof batchListQuery>;
export const receivedView = z
  .object({ batchId: uuid, status: batchStatus, contentDigest: digest, sizeBytes: z.int(), isRepeat: z.boolean() })
  .meta({ id: 'BatchReceived' });

export const batchView = z
  .object({
    batchId: uuid,
    datasetName: entityName,
    contractName: entityName,
    contractVersion: z.int(),
    contentDigest: digest,
    contentType: z.string(),
    readOptions: z.record(z.string(), z.unknown()),
    sizeBytes: z.int(),
    origin: z.enum(['upload', 'production']),
    publishAs,
    sentBy: z.string(),
    status: batchStatus,
    report: z
      .object({
        verdict: z.enum(verdicts).optional(),
        recordCount: z.int(),
        acceptedCount: z.int(),
        /** As in the balance. */
        quarantinedCount: z.int(),
        /** Repetitions of other records, quarantined or dropped. */
        duplicateCount: z.int(),
        /** Records of the dataset that left it because accepted ones took their place. */
        replacedCount: z.int().optional(),
        /** Accepted, quarantined, dropped by policy and, of a rejected batch, rejected with it: all that was read. None where nothing was. */
        balance: z
          .object({ read: z.int(), accepted: z.int(), quarantined: z.int(), dropped: z.int(), rejected: z.int().optional() })
          .optional(),
        reasons: counts,
        missing: counts,
        expectations: z.array(
          z.object({
            text: z.string(),
            measured: z.number(),
            holds: z.boolean(),
            severity: z.enum(['error', 'warning']).optional(),
            metric: z.string().optional(),
            field: z.string().optional(),
          }),
        ),
        /** What the history of the dataset does not explain. */
        findings: z
          .array(
            z.object({
              kind: z.enum(findingKinds),
              field: z.string().optional(),
              measured: z.number(),
              expected: z.number(),
              threshold: z.number(),
              severity: z.enum(['error', 'warning']),
              message: z.string(),
            }),
          )
          .optional(),
        warnings: z.array(z.string()).optional(),
        /** What looks meant to do harm and was taken nevertheless, by flag. */
        flags: z
          .object({
            counts: z.partialRecord(z.enum(flagCodes), z.int()),
            examples: z.array(z.object({ row: z.int(), code: z.enum(flagCodes), field: z.string(), value: z.string() })),
          })
          .optional(),
        /** What was repaired, by column and repair; the log itself is at `/v1/batches/{id}/repairs`. */
        repairs: z.object({ counts: z.record(z.string(), counts), cellCount: z.int(), digest }).optional(),
        notes: z.array(z.string()),
        rejection: z.array(z.string()),
        /** What was told or found out about the content, and how sure that is (1: told or certain). */
        content: z
          .object({
            format: z.enum(tableFormats),
            compression: z.enum(compressions),
            encoding: z.enum(encodings).optional(),
            delimiter: z.string().optional(),
            quote: z.string().optional(),
            hasHeader: z.boolean().optional(),
            duplicateColumns: z.array(z.string()),
            sureness: z.record(z.string(), z.number()),
          })
          .optional(),
      })
      .nullable(),
    datasetVersion: digest.nullable(),
    /** The batch that a rejected one was sent again as. */
    resubmittedBatchId: uuid.nullable(),
    receivedAt: instant,
    decidedAt: instant.nullable(),
  })
  .meta({ id: 'Batch' });
export const batchPage = z.object({ items: z.array(batchView), nextCursor: z.string().nullable() });

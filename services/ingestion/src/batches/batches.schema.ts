import { digest, entityName, instant, uuid } from '@bascule/contracts';
import { pageQuery } from '@bascule/platform';
import { z } from 'zod';

export const sendQuery = z.object({ contract: entityName });
export const batchListQuery = pageQuery.extend({ dataset: entityName.optional() });
export type BatchListQuery = z.infer<typeof batchListQuery>;

const counts = z.record(z.string(), z.int());
export const batchStatus = z.enum(['received', 'validated', 'rejected']);
export const receivedView = z.object({ batchId: uuid, status: batchStatus }).meta({ id: 'BatchReceived' });

export const batchView = z
  .object({
    batchId: uuid,
    datasetName: entityName,
    contractName: entityName,
    contractVersion: z.int(),
    contentDigest: digest,
    contentType: z.string(),
    sizeBytes: z.int(),
    origin: z.enum(['upload', 'production']),
    sentBy: z.string(),
    status: batchStatus,
    report: z
      .object({
        recordCount: z.int(),
        acceptedCount: z.int(),
        quarantinedCount: z.int(),
        duplicateCount: z.int(),
        reasons: counts,
        missing: counts,
        expectations: z.array(z.object({ text: z.string(), measured: z.number(), holds: z.boolean() })),
        notes: z.array(z.string()),
        rejection: z.array(z.string()),
      })
      .nullable(),
    datasetVersion: digest.nullable(),
    receivedAt: instant,
    decidedAt: instant.nullable(),
  })
  .meta({ id: 'Batch' });
export const batchPage = z.object({ items: z.array(batchView), nextCursor: z.string().nullable() });

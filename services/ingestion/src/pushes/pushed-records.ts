import { defineWork, entityName, type WorkOf } from '@bascule/contracts';
import { z } from 'zod';

/**
 * Records by NATS: a producer publishes them on `jobs.ingestion.records.v1.<dataset>` as a CloudEvent in binary mode,
 * one record or many at a time. The id of the event makes a repeat harmless.
 */
export const pushedRecords = defineWork('jobs.ingestion.records.v1', {
  subject: 'datasetName',
  data: z.object({
    datasetName: entityName,
    /** The contract of a dataset that is not there yet. */
    contractName: entityName.optional(),
    records: z.array(z.record(z.string(), z.unknown())).min(1).max(10_000),
  }),
});
export type PushedRecords = WorkOf<typeof pushedRecords>;

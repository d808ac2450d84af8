import { captureSetting, defineWork, digest, entityName, instant, routedVersion, uuid, type WorkOf } from '@bascule/contracts';
import { z } from 'zod';

/** One piece of a batch job, for whichever gateway is free. It names everything that is needed: a gateway has no database. */
export const batchPiece = defineWork('jobs.serving.batch-piece.v1', {
  subject: 'jobId',
  data: z.object({
    jobId: uuid,
    /** From 0, in the order of the rows. */
    piece: z.int().min(0),
    /** The rows, in the object store of batch jobs. */
    inputDigest: digest,
    rowCount: z.int().min(1),
    modelName: entityName,
    version: routedVersion,
    keyId: z.string(),
    acceptedAt: instant,
    /** What is recorded of the rows, as of every other prediction of the endpoint; absent: everything. */
    capture: captureSetting.optional(),
  }),
});
export type BatchPiece = WorkOf<typeof batchPiece>;

import { entityName, instant, uuid } from '@bascule/contracts';
import { z } from 'zod';

export const uploadView = z
  .object({
    uploadId: uuid,
    datasetName: entityName,
    contractName: entityName,
    lengthBytes: z.int(),
    offsetBytes: z.int(),
    /** The batch it became; null while bytes are missing. */
    batchId: uuid.nullable(),
    expiresAt: instant,
  })
  .meta({ id: 'Upload' });

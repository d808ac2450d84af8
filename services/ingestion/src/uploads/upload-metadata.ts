import { entityName } from '@bascule/contracts';
import { z } from 'zod';
import { readOptions, sendQuery } from '../batches/batches.schema.js';
import { contentTypeOf } from '../batches/content-type.js';

/** What an upload says about itself; names it does not know, such as `filename`, are left alone. */
export const uploadMetadata = z.object({
  ...readOptions.shape,
  dataset: entityName,
  contract: entityName,
  mode: sendQuery.shape.mode,
  from: sendQuery.shape.from,
  to: sendQuery.shape.to,
  /** Content type; `application/octet-stream` when it is not told. */
  filetype: z
    .string()
    .default('')
    .transform((type) => (type === '' ? 'application/octet-stream' : contentTypeOf(type)))
    .pipe(z.string('a content type in which batches can be sent')),
});

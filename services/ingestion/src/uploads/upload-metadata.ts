import { entityName } from '@bascule/contracts';
import { z } from 'zod';
import { readOptions } from '../batches/batches.schema.js';
import { contentTypeOf } from '../batches/content-type.js';

const pair = /^([\x21-\x2b\x2d-\x7e]+)(?: ([A-Za-z0-9+/=]*))?$/;

/** Reads the header `Upload-Metadata` of tus: names, each with its value in base64, parted by commas. Undefined when it is not of that form. */
export function parseMetadata(header: string): Record<string, string> | undefined {
  const values: Record<string, string> = {};
  for (const part of header.split(',')) {
    const [, name, value = ''] = pair.exec(part.trim()) ?? [];
    if (name === undefined) return undefined;
    Object.defineProperty(values, name, { value: Buffer.from(value, 'base64').toString('utf8'), enumerable: true });
  }
  return values;
}

/** What an upload says about itself; names it does not know, such as `filename`, are left alone. */
export const uploadMetadata = readOptions.extend({
  dataset: entityName,
  contract: entityName,
  /** Content type; `application/octet-stream` when it is not told. */
  filetype: z
    .string()
    .default('')
    .transform((type) => (type === '' ? 'application/octet-stream' : contentTypeOf(type)))
    .pipe(z.string('a content type in which batches can be sent')),
});

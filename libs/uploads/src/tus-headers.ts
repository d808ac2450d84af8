import type { UploadEntity } from './upload.entity.js';
import type { UploadErrors } from './upload-errors.js';

/** Headers of every answer of tus 1.0 (https://tus.io/protocols/resumable-upload). */
export const tusHeaders = { 'tus-resumable': '1.0.0', 'cache-control': 'no-store' } as const;

/** The content type of a piece. */
export const pieceType = 'application/offset+octet-stream';

/** Headers of the answer to a creation. @param at path of the collection, such as `/v1/uploads` */
export function createdHeaders(at: string, { id, expiresAt }: UploadEntity): Record<string, string> {
  return { ...tusHeaders, location: `${at}/${id}`, 'upload-expires': expiresAt.toUTCString() };
}

/** The number of bytes that a header says. Throws `invalid` when it is missing or not a number. */
export function bytesOf(name: string, text: string | undefined, { invalid }: Pick<UploadErrors, 'invalid'>): number {
  if (text === undefined || !/^\d{1,15}$/.test(text)) throw invalid({}, `${name} is not a number of bytes`);
  return Number(text);
}

const pair = /^([\x21-\x2b\x2d-\x7e]+)(?: ([A-Za-z0-9+/=]*))?$/;

/** Reads the header `Upload-Metadata`: names, each with its value in base64, parted by commas. Undefined when it is not of that form or names one twice. */
export function parseMetadata(header: string): Record<string, string> | undefined {
  const values: Record<string, string> = {};
  for (const part of header.split(',')) {
    const [, name, value = ''] = pair.exec(part.trim()) ?? [];
    if (name === undefined || Object.hasOwn(values, name)) return undefined;
    Object.defineProperty(values, name, { value: Buffer.from(value, 'base64').toString('utf8'), enumerable: true });
  }
  return values;
}

import { gunzip, inflate } from 'node:zlib';

/** Unpacks bytes to at most `maxOutputLength`; an error of code ERR_BUFFER_TOO_LARGE says that there are more. */
export type Codec = (
  packed: Buffer,
  options: { readonly maxOutputLength: number },
  done: (error: Error | null, bytes: Buffer) => void,
) => void;

/** The values of `Content-Encoding` that are understood. */
export const codecs: ReadonlyMap<string, Codec> = new Map([
  ['gzip', gunzip],
  ['x-gzip', gunzip],
  ['deflate', inflate],
]);

/** True when `Accept-Encoding` takes gzip. */
export function acceptsGzip(acceptEncoding: string | undefined): boolean {
  if (acceptEncoding === undefined) return false;
  let anyOther = false;
  for (const part of acceptEncoding.split(',')) {
    const [coding = '', ...settings] = part.split(';').map((text) => text.trim().toLowerCase());
    const isWanted = !settings.some((setting) => /^q=0(\.0*)?$/.test(setting));
    if (coding === 'gzip' || coding === 'x-gzip') return isWanted;
    if (coding === '*') anyOther = isWanted;
  }
  return anyOther;
}

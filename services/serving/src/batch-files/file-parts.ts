import { batchPieceUnreadable } from '../batch-jobs/errors.js';

const magic = 0x31425342;
const prefixBytes = 8;

/** What a file of parts holds: what JSON says about it, and bytes behind that. */
export interface FileParts<Header> {
  readonly header: Header;
  readonly parts: readonly Uint8Array[];
}

/** Puts parts into one file: four bytes of a mark, the length of the header, the header as JSON, then the parts; each begins aligned. */
export function packParts<Header extends object>({ header, parts }: FileParts<Header>): Buffer {
  const json = Buffer.from(JSON.stringify({ ...header, lengths: parts.map(({ byteLength }) => byteLength) }));
  const size = parts.reduce((sum, { byteLength }) => sum + aligned(byteLength), aligned(prefixBytes + json.length));
  const file = Buffer.alloc(size);
  file.writeUInt32LE(magic, 0);
  file.writeUInt32LE(json.length, 4);
  json.copy(file, prefixBytes);
  let at = aligned(prefixBytes + json.length);
  for (const part of parts) {
    file.set(part, at);
    at += aligned(part.byteLength);
  }
  return file;
}

/** Takes a file apart; the parts are views of it. @throws serving.batch_piece_unreadable for one of another release */
export function unpackParts<Header extends object>(file: Buffer): FileParts<Header> {
  if (file.length < prefixBytes || file.readUInt32LE(0) !== magic) throw batchPieceUnreadable({}, 'it is no file of parts');
  const length = file.readUInt32LE(4);
  const { lengths, ...header } = headerOf(file.subarray(prefixBytes, prefixBytes + length));
  let at = aligned(prefixBytes + length);
  const parts = lengths.map((bytes) => {
    const part = file.subarray(at, at + bytes);
    at += aligned(bytes);
    return part;
  });
  return { header: header as Header, parts };
}

function headerOf(bytes: Buffer): { readonly lengths: readonly number[] } {
  try {
    const header = JSON.parse(bytes.toString('utf8')) as { lengths?: unknown } | null;
    if (Array.isArray(header?.lengths)) return header as { lengths: number[] };
  } catch {
    // told below
  }
  throw batchPieceUnreadable({}, 'its header says nothing about parts');
}

/** Texts as a part; empty when there are none. */
export function packTexts(texts: readonly string[]): Uint8Array {
  return texts.some((text) => text !== '') ? Buffer.from(JSON.stringify(texts)) : new Uint8Array(0);
}

/** The texts of a part. @throws serving.batch_piece_unreadable when it is not there */
export function unpackTexts(part: Uint8Array | undefined, count: number): readonly string[] {
  if (!part) throw batchPieceUnreadable({}, 'the part of the texts is missing');
  if (part.byteLength === 0) return new Array<string>(count).fill('');
  return JSON.parse(Buffer.from(part.buffer, part.byteOffset, part.byteLength).toString('utf8')) as string[];
}

function aligned(bytes: number): number {
  return (bytes + 7) & ~7;
}

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

/** Takes a file apart; the parts are views of it. */
export function unpackParts<Header extends object>(file: Buffer): FileParts<Header> {
  if (file.length < prefixBytes || file.readUInt32LE(0) !== magic) throw new Error('no file of a batch job of this release');
  const length = file.readUInt32LE(4);
  const { lengths, ...header } = JSON.parse(file.toString('utf8', prefixBytes, prefixBytes + length)) as { lengths: number[] };
  let at = aligned(prefixBytes + length);
  const parts = lengths.map((bytes) => {
    const part = file.subarray(at, at + bytes);
    at += aligned(bytes);
    return part;
  });
  return { header: header as Header, parts };
}

/** Texts as a part; empty when there are none. */
export function packTexts(texts: readonly string[]): Uint8Array {
  return texts.some((text) => text !== '') ? Buffer.from(JSON.stringify(texts)) : new Uint8Array(0);
}

/** The texts of a part. */
export function unpackTexts(part: Uint8Array, count: number): readonly string[] {
  if (part.byteLength === 0) return new Array<string>(count).fill('');
  return JSON.parse(Buffer.from(part.buffer, part.byteOffset, part.byteLength).toString('utf8')) as string[];
}

function aligned(bytes: number): number {
  return (bytes + 7) & ~7;
}

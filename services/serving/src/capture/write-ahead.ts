import { crc32 } from 'node:zlib';

/** How much of a version's answers was captured since the process started. */
export interface Tally {
  readonly modelName: string;
  readonly modelVersion: number;
  readonly answered: number;
  readonly captured: number;
}

/** What ends a block in a write-ahead file: from here on its content is fixed. */
export interface Seal {
  readonly sequence: number;
  readonly rows: number;
  readonly dropped: number;
  readonly runtime: string;
  /** Rows in all earlier blocks; absent when whoever sealed it cannot tell. */
  readonly rowsBefore?: number | undefined;
  readonly tallies?: readonly Tally[] | undefined;
}

/** A block found in a write-ahead file. */
export interface FoundBlock {
  readonly seal: Seal;
  /** Fields of the block, as they were captured. */
  readonly chunks: readonly Uint8Array[];
}

export interface Found {
  readonly blocks: readonly FoundBlock[];
  /** Rows behind the last seal: their process died before it closed the block, so nobody has seen them. */
  readonly tail: { readonly chunks: readonly Uint8Array[]; readonly rows: number };
  /** Rows in all blocks before the file; undefined when it does not say. */
  readonly rowsBefore: number | undefined;
  /** Bytes that hold whole records; what is behind was torn by the end of the process. */
  readonly validBytes: number;
}

/** `rows`: many fields at once, behind the number of rows among them; `start`: what the file begins with. */
const kinds = { model: 1, row: 2, seal: 3, rows: 4, start: 5 } as const;
const headBytes = 9;
const rowCountBytes = 4;
/** What stands before the fields of a `rows` record. */
export const rowsHeadBytes = headBytes + rowCountBytes;

/** Kind, length, checksum, content. */
export function encodeRecord(kind: keyof typeof kinds, content: Uint8Array): Buffer {
  const record = Buffer.allocUnsafe(headBytes + content.length);
  record.writeUInt8(kinds[kind], 0);
  record.writeUInt32LE(content.length, 1);
  record.writeUInt32LE(crc32(content), 5);
  record.set(content, headBytes);
  return record;
}

/** Fills in the head of a `rows` record, for which `rowsHeadBytes` were left before its fields. */
export function closeRows(record: Buffer, rows: number): void {
  record.writeUInt32LE(rows, headBytes);
  const content = record.subarray(headBytes);
  record.writeUInt8(kinds.rows, 0);
  record.writeUInt32LE(content.length, 1);
  record.writeUInt32LE(crc32(content), 5);
}

/** What a file begins with. */
export function encodeStart(start: { readonly rowsBefore: number }): Buffer {
  return encodeRecord('start', Buffer.from(JSON.stringify(start)));
}

export function encodeSeal(seal: Seal): Buffer {
  return encodeRecord('seal', Buffer.from(JSON.stringify(seal)));
}

/** Reads a write-ahead file up to its end or its first torn record. */
export function readRecords(file: Buffer): Found {
  const blocks: FoundBlock[] = [];
  let chunks: Uint8Array[] = [];
  let rows = 0;
  let rowsBefore: number | undefined;
  let offset = 0;
  while (offset + headBytes <= file.length) {
    const end = offset + headBytes + file.readUInt32LE(offset + 1);
    if (end > file.length) break;
    const content = file.subarray(offset + headBytes, end);
    if (crc32(content) !== file.readUInt32LE(offset + 5)) break;
    const kind = file.readUInt8(offset);
    if (kind === kinds.seal) {
      blocks.push({ seal: JSON.parse(content.toString('utf8')) as Seal, chunks });
      chunks = [];
      rows = 0;
    } else if (kind === kinds.start) {
      rowsBefore = (JSON.parse(content.toString('utf8')) as { rowsBefore: number }).rowsBefore;
    } else if (kind === kinds.rows) {
      chunks.push(content.subarray(rowCountBytes));
      rows += content.readUInt32LE(0);
    } else {
      chunks.push(content);
      if (kind === kinds.row) rows++;
    }
    offset = end;
  }
  return { blocks, tail: { chunks, rows }, rowsBefore, validBytes: offset };
}

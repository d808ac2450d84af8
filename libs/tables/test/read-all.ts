import { Readable } from 'node:stream';
import { openTable, type Row, type TableOptions, type TableReader } from '../src/index.js';

/** A stream of the bytes, in pieces of the given size. */
export function streamOf(content: string | Uint8Array, pieceBytes = 65_536): Readable {
  const bytes = Buffer.from(content as string);
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += pieceBytes) pieces.push(bytes.subarray(at, at + pieceBytes));
  return Readable.from(pieces);
}

export async function rowsOf(table: TableReader): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const block of table.rows()) rows.push(...block);
  return rows;
}

/** The whole table: its columns, its facts and its rows. */
export async function readAll(content: string | Uint8Array, options: TableOptions = {}, pieceBytes?: number) {
  const table = await openTable(streamOf(content, pieceBytes), options);
  return { columns: table.columns, facts: table.facts, rows: await rowsOf(table) };
}

/** The cells of every row, or its fault. */
export async function cellsOf(content: string | Uint8Array, options: TableOptions = {}, pieceBytes?: number) {
  const { rows } = await readAll(content, options, pieceBytes);
  return rows.map(({ cells, fault }) => fault?.message ?? cells);
}

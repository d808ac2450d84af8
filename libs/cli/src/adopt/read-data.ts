import { createHash } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import { openTable } from '@bascule/tables';
import { CommandError } from '../running-stack.js';

/** Rows of a file as text, and what names and dates it. */
export interface DataFile {
  readonly columns: readonly string[];
  /** Values in the order of the columns; empty where there is none. */
  readonly rows: readonly (readonly string[])[];
  /** SHA-256 of the file. */
  readonly digest: string;
  readonly changedAt: Date;
  /** The file has more rows than were read. */
  readonly isCut: boolean;
}

/** Reads at most so many rows; rows that cannot be read are left out. */
export async function readData(file: string, mostRows: number): Promise<DataFile> {
  const changedAt = changeOf(file);
  const table = await openTable(file);
  const { columns } = table;
  const pick = table.picker(columns);
  const rows: string[][] = [];
  let isCut = false;
  for await (const block of table.rows()) {
    for (const row of block) {
      if (row.fault) continue;
      isCut = rows.length === mostRows;
      if (isCut) break;
      rows.push(pick(row).map(textOf));
    }
    if (isCut) break;
  }
  if (rows.length === 0) throw new CommandError(`${file} has no row that can be read`);
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return { columns, rows, digest: hash.digest('hex'), changedAt, isCut };
}

function changeOf(file: string): Date {
  try {
    return statSync(file).mtime;
  } catch {
    throw new CommandError(`there is no file ${file}`);
  }
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  return value instanceof Date ? value.toISOString() : String(value).trim();
}

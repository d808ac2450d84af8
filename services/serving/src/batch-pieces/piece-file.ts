import { TextLines } from './text-lines.js';

/** What the lines of a piece have in common. The job makes its bytes unlike those of every other job, so that they can be removed with it. */
export interface PieceHeader {
  readonly jobId: string;
  readonly piece: number;
  /** Names of the features, in the order of the cells. */
  readonly features: readonly string[];
}

/** A row on its way to a model. */
export interface PieceRow {
  /** Number of the record in the input, from 1. */
  readonly number: number;
  /** The client's own id; empty when there is none. */
  readonly recordId: string;
  /** When it happened at the client; null when the input does not say. */
  readonly occurredAtMs: number | null;
  /** In the order of the features. */
  readonly cells: readonly unknown[];
  /** Why the row cannot be predicted. */
  readonly fault?: string;
}

/** The first line of a piece. */
export function pieceHeaderLine(header: PieceHeader): string {
  return JSON.stringify(header);
}

/** A row as one line. */
export function pieceRowLine({ number, recordId, occurredAtMs, cells, fault }: PieceRow): string {
  if (fault !== undefined) return JSON.stringify([number, recordId, null, null, fault]);
  return JSON.stringify([number, recordId, occurredAtMs, cells.map(jsonCell)]);
}

/** Reads the rows of a piece a few at a time. */
export class PieceReader {
  readonly header: PieceHeader;
  private readonly lines: TextLines;

  constructor(text: string) {
    this.lines = new TextLines(text);
    this.header = JSON.parse(this.lines.next(1)) as PieceHeader;
  }

  /** The next rows, at most so many; none at the end. */
  next(count: number): PieceRow[] {
    const lines = this.lines.next(count);
    return lines === '' ? [] : pieceRows(lines);
  }
}

type Line = readonly [number, string, number | null, readonly unknown[] | null, string?];

// a line of JSON holds no line ends: between the lines they are the only ones
function pieceRows(lines: string): PieceRow[] {
  const parsed = JSON.parse(`[${lines.trimEnd().replaceAll('\n', ',')}]`) as Line[];
  return parsed.map(([number, recordId, occurredAtMs, cells, fault]) => ({
    number,
    recordId,
    occurredAtMs,
    cells: cells ?? [],
    ...(fault === undefined ? {} : { fault }),
  }));
}

/** A cell as JSON carries it: integers that a double cannot hold and infinities as text, a missing value as null. */
function jsonCell(value: unknown): unknown {
  if (value === undefined || value === null) return null;
  switch (typeof value) {
    case 'number':
      return Number.isNaN(value) ? null : Number.isFinite(value) ? value : String(value);
    case 'bigint':
      return Number.isSafeInteger(Number(value)) ? Number(value) : value.toString();
    case 'object':
      return jsonOfObject(value as object);
    default:
      return value;
  }
}

function jsonOfObject(value: object): unknown {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8');
  if (Array.isArray(value)) return value.map(jsonCell);
  if (ArrayBuffer.isView(value)) return Array.from(value as unknown as ArrayLike<number | bigint>, jsonCell);
  return value;
}

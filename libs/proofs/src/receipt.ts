import { canonicalJson } from './canonical-json.js';
import type { NoteSigner } from './note-key.js';
import { signNote, verifyNote } from './signed-note.js';

/** One answered row, as its receipt names it. */
export interface ReceiptRow {
  readonly predictionId: string;
  /** SHA-256(salt ‖ canonical JSON of the inputs by name), hex. */
  readonly inputs: string;
  /** The same of the outputs. */
  readonly outputs: string;
  /** The same of the answer in the words of records (label, probabilities, value, outputs); for requests by records only. */
  readonly answer?: string;
  /** 32 bytes, hex. */
  readonly salt: string;
  /** What the gateway promised to record of the row. */
  readonly kept: 'values' | 'hashes' | 'none';
}

/** What a gateway signs on request: that it gave these answers, and what it recorded of them. */
export interface ReceiptStatement {
  readonly format: 'bascule.receipt/v1';
  readonly modelName: string;
  readonly modelVersion: number;
  readonly artifactDigest: string;
  readonly requestId: string;
  readonly keyId: string;
  /** ISO 8601, UTC. */
  readonly answeredAt: string;
  /** The gateway process. */
  readonly producer: string;
  /** Sequence numbers of the blocks of that producer that the rows are in, both ends included; null when none is kept. */
  readonly blocks: { readonly from: number; readonly to: number } | null;
  readonly rows: readonly ReceiptRow[];
  /** Every output that was hashed; absent in receipts of earlier gateways. */
  readonly outputNames?: readonly string[];
}

const title = 'bascule.receipt/v1';
const isHash = (value: unknown) => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
const isText = (value: unknown) => typeof value === 'string';
const isCount = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0;

/** A signed note whose text is the statement as canonical JSON. */
export function signReceipt(statement: ReceiptStatement, signer: NoteSigner): string {
  return signNote(`${title}\n${canonicalJson(statement)}\n`, signer);
}

/** Reads a receipt and checks its signature against a key that was got by another way than with the receipt. */
export function readReceipt(receipt: string, verifierKey: string): { statement: ReceiptStatement } | { fault: string } {
  const verdict = verifyNote(receipt, [verifierKey]);
  if (!verdict.ok) return { fault: verdict.reason };
  const [first, json = '', ...rest] = verdict.text.split('\n');
  if (first !== title || rest.join('') !== '') return { fault: 'the note is signed but is no receipt' };
  const statement = parse(json);
  return isStatement(statement) ? { statement } : { fault: 'the receipt is signed but malformed' };
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

function isStatement(value: unknown): value is ReceiptStatement {
  if (typeof value !== 'object' || value === null) return false;
  const { format, modelName, modelVersion, artifactDigest, requestId, keyId, answeredAt, producer, blocks, rows, outputNames } =
    value as Partial<ReceiptStatement>;
  const isBlocks = blocks === null || (typeof blocks === 'object' && isCount(blocks?.from) && isCount(blocks?.to));
  const isNames = outputNames === undefined || (Array.isArray(outputNames) && outputNames.every(isText));
  const isTexts = [modelName, artifactDigest, requestId, keyId, producer].every(isText);
  const isTime = isText(answeredAt) && !Number.isNaN(Date.parse(answeredAt as string));
  return format === title && isCount(modelVersion) && isBlocks && isNames && isTexts && isTime && Array.isArray(rows) && rows.every(isRow);
}

function isRow(row: unknown): row is ReceiptRow {
  if (typeof row !== 'object' || row === null) return false;
  const { predictionId, inputs, outputs, answer, salt, kept } = row as Partial<ReceiptRow>;
  const hashes = answer === undefined ? [inputs, outputs, salt] : [inputs, outputs, answer, salt];
  return isText(predictionId) && hashes.every(isHash) && ['values', 'hashes', 'none'].includes(kept as string);
}

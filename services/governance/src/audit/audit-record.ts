import type { EventEnvelope } from '@bascule/contracts';
import { canonicalJson, commitTo, type EntryFacts, entryLeaf, type PayloadBinding, rootOf, rowLeaf, rowSalt } from '@bascule/proofs';
import { type LineageEdge, lineageEdgesOf } from '../lineage/lineage-edges.js';
import { type EventReference, referencesOf } from './event-references.js';
import { type DecodedBlock, type PredictionRow, readBlock } from './prediction-rows.js';

/** A message as it came from a stream. */
export interface ReceivedMessage {
  readonly stream: string;
  readonly sequence: number;
  readonly subject: string;
  readonly bytes: Uint8Array;
  readonly envelope?: EventEnvelope<unknown> | undefined;
}

/** Everything that is stored about one entry, without its place in the log. */
export interface AuditRecord {
  readonly facts: EntryFacts;
  readonly factsText: string;
  readonly leafHash: Buffer;
  readonly payload: Buffer;
  readonly salt: Buffer;
  readonly references: readonly EventReference[];
  readonly edges: readonly LineageEdge[];
  /** Rows to be found by prediction id; empty except for captured predictions. */
  readonly predictions: readonly PredictionRow[];
  readonly block?: DecodedBlock;
}

type Envelope = Omit<EntryFacts, 'schemaVersion' | 'payload'>;

const longestId = 200;

// without an envelope that fits its subject nothing in the message is trusted: its id could be that of another event
function envelopeOf({ envelope, stream, sequence, subject }: ReceivedMessage, receivedAt: Date): Envelope {
  if (!envelope || envelope.type !== subject || envelope.id.length > longestId || envelope.id.includes('\0')) {
    return { id: `${stream}:${sequence}`, type: subject, source: 'unknown', subject: '', time: receivedAt.toISOString() };
  }
  return {
    id: envelope.id,
    type: envelope.type,
    source: envelope.source,
    subject: envelope.subject,
    time: new Date(envelope.time).toISOString(),
    correlationId: envelope.correlationid,
    ...(envelope.causationid ? { causationId: envelope.causationid } : {}),
  };
}

function record(envelope: Envelope, binding: PayloadBinding, payload: Buffer, salt: Buffer, rest: Partial<AuditRecord> = {}): AuditRecord {
  const facts: EntryFacts = { schemaVersion: 1, ...envelope, payload: binding };
  return {
    facts,
    factsText: canonicalJson(facts),
    leafHash: entryLeaf(facts),
    payload,
    salt,
    references: [],
    edges: [],
    predictions: [],
    ...rest,
  };
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const isText = (text: string) => text.length <= 500 && !text.includes('\0');

// a row that cannot be looked up is still in the log, under its block
function isFindable({ predictionId, modelName, modelVersion, clientRecordId }: PredictionRow): boolean {
  return uuid.test(predictionId) && isText(modelName) && modelVersion < 2 ** 31 && (clientRecordId === null || isText(clientRecordId));
}

function blockRecord(envelope: Envelope, block: DecodedBlock, bytes: Uint8Array, salt: Buffer): AuditRecord {
  const root = rootOf(block.rows.map((row, i) => rowLeaf(row, rowSalt(salt, i))));
  const { producer, sequence, dropped, leftOut } = block;
  const binding = {
    rowRoot: root.toString('hex'),
    rowCount: block.rows.length,
    ...(producer === undefined ? {} : { producer, sequence, dropped }),
    ...(leftOut ? { leftOut } : {}),
  };
  const predictions = producer === undefined ? [] : block.rows.filter(isFindable);
  return record(envelope, binding as PayloadBinding, Buffer.from(bytes), salt, { predictions, block });
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}

/** Undefined for JSON that no other reader would take: numbers past every range, nesting past every stack. */
function canonicalOf(value: unknown): string | undefined {
  try {
    return canonicalJson(value);
  } catch {
    return undefined;
  }
}

function decoded(type: string, bytes: Uint8Array): DecodedBlock | undefined {
  try {
    return readBlock(type, bytes);
  } catch {
    return undefined;
  }
}

/**
 * Turns a message into an entry of the log. A message nobody can read is an entry too: it was sent, and that is a fact.
 * @param salt 32 fresh random bytes
 */
export function auditRecord(message: ReceivedMessage, salt: Buffer, receivedAt: Date): AuditRecord {
  const envelope = envelopeOf(message, receivedAt);
  const block = decoded(envelope.type, message.bytes);
  // a block without rows still counts, and may say what was left out
  if (block && (block.rows.length > 0 || block.producer)) return blockRecord(envelope, block, message.bytes, salt);
  const given = message.envelope && typeof message.envelope.data === 'object' ? message.envelope.data : parsed(message.bytes);
  const text = given === undefined || given === null ? undefined : canonicalOf(given);
  const payload = text === undefined ? { unreadable: Buffer.from(message.bytes).toString('base64') } : given;
  const binding = { commitment: commitTo(payload, salt).toString('hex') };
  const found = { references: referencesOf(envelope.type, payload), edges: lineageEdgesOf(envelope.type, payload) };
  return record(envelope, binding, Buffer.from(text ?? canonicalJson(payload)), salt, found);
}

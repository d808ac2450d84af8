import type { HashedSubtree, Subtree, TreeHead } from '@bascule/proofs';
import type { EntityManager } from 'typeorm';
import type { AuditRecord, ReceivedMessage } from './audit-record.js';

/** One entry as it is stored; payload and salt are null once erased. */
export interface StoredEntry {
  readonly index: number;
  readonly eventId: string;
  readonly type: string;
  readonly subject: string;
  readonly time: Date;
  readonly recordedAt: Date;
  readonly causationId: string | null;
  readonly correlationId: string | null;
  readonly stream: string;
  readonly streamSequence: number;
  readonly facts: string;
  readonly leafHash: Buffer;
  readonly payload: Buffer | null;
  readonly salt: Buffer | null;
  readonly producer: string | null;
}

const columns = `index::float8 AS index, event_id AS "eventId", type, subject, time, recorded_at AS "recordedAt", causation_id AS "causationId",
  correlation_id AS "correlationId", stream, stream_sequence::float8 AS "streamSequence", facts, leaf_hash AS "leafHash", payload, salt, producer`;

const hashSize = 32;

/** Takes the head of the log for this transaction: whoever appends next waits, so indexes have no gaps. */
export async function lockHead(manager: EntityManager): Promise<TreeHead> {
  const [row] = await manager.query<{ size: string; edge: Buffer }[]>('SELECT size, edge FROM audit_head FOR UPDATE');
  return headOf(row!);
}

export async function readHead(manager: EntityManager): Promise<TreeHead> {
  const [row] = await manager.query<{ size: string; edge: Buffer }[]>('SELECT size, edge FROM audit_head');
  return headOf(row!);
}

function headOf({ size, edge }: { size: string; edge: Buffer }): TreeHead {
  const hashes = Array.from({ length: edge.length / hashSize }, (_, i) => edge.subarray(i * hashSize, (i + 1) * hashSize));
  return { size: Number(size), edge: hashes };
}

export async function saveHead(manager: EntityManager, { size, edge }: TreeHead, completed: readonly HashedSubtree[]): Promise<void> {
  await manager.query(
    `WITH nodes AS (INSERT INTO audit_nodes (level, index, hash) SELECT * FROM unnest($3::smallint[], $4::bigint[], $5::bytea[]))
     UPDATE audit_head SET size = $1, edge = $2`,
    [
      size,
      Buffer.concat(edge),
      completed.map(({ level }) => level),
      completed.map(({ index }) => index),
      completed.map(({ hash }) => hash),
    ],
  );
}

export async function hasEvent(manager: EntityManager, eventId: string): Promise<boolean> {
  return (await manager.query<unknown[]>('SELECT 1 FROM audit_entries WHERE event_id = $1', [eventId])).length > 0;
}

// an index of PostgreSQL takes no long texts and no NUL; the facts keep them whole
const indexed = (text: string | undefined) => text?.replaceAll('\0', '').slice(0, 500) ?? null;

export async function insertEntry(manager: EntityManager, index: number, message: ReceivedMessage, record: AuditRecord): Promise<void> {
  const { facts, block } = record;
  await manager.query(
    `INSERT INTO audit_entries (index, event_id, type, subject, time, causation_id, correlation_id, stream, stream_sequence, size_bytes,
       facts, leaf_hash, payload, salt, producer, block_sequence, dropped)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)`,
    [
      index,
      facts.id,
      facts.type,
      indexed(facts.subject),
      facts.time,
      indexed(facts.causationId),
      indexed(facts.correlationId),
      message.stream,
      message.sequence,
      message.bytes.length,
      record.factsText,
      record.leafHash,
      record.payload,
      record.salt,
      block?.producer ?? null,
      block?.sequence ?? null,
      block?.dropped ?? null,
    ],
  );
}

/** Writes what entries are found by; one statement per kind, however many rows a block has. */
export async function insertIndexes(manager: EntityManager, index: number, { references, edges, predictions }: AuditRecord): Promise<void> {
  if (references.length > 0) {
    await manager.query(
      'INSERT INTO audit_references (reference, role, entry_index) SELECT reference, role, $3 FROM unnest($1::text[], $2::text[]) AS r (reference, role)',
      [references.map(({ reference }) => reference), references.map(({ role }) => role), index],
    );
  }
  if (edges.length > 0) {
    await manager.query(
      'INSERT INTO lineage_edges (from_id, to_id, entry_index) SELECT f, t, $3 FROM unnest($1::text[], $2::text[]) AS e (f, t) ON CONFLICT DO NOTHING',
      [edges.map(({ from }) => from), edges.map(({ to }) => to), index],
    );
  }
  if (predictions.length > 0) {
    await manager.query(
      `INSERT INTO audited_predictions (prediction_id, model_name, model_version, client_record_id, entry_index, row)
       SELECT p.id, p.model, p.version, p.record, $5, (p.position - 1)::integer
       FROM unnest($1::uuid[], $2::text[], $3::integer[], $4::text[]) WITH ORDINALITY AS p (id, model, version, record, position)
       ON CONFLICT (prediction_id) DO NOTHING`,
      [
        predictions.map(({ predictionId }) => predictionId),
        predictions.map(({ modelName }) => modelName),
        predictions.map(({ modelVersion }) => modelVersion),
        predictions.map(({ clientRecordId }) => clientRecordId),
        index,
      ],
    );
  }
}

/** Hashes of complete subtrees, keyed `level/index`. */
export async function readHashes(manager: EntityManager, subtrees: readonly Subtree[]): Promise<Map<string, Buffer>> {
  const inner = subtrees.filter(({ level }) => level > 0);
  const rows = await manager.query<{ level: number; index: string; hash: Buffer }[]>(
    `SELECT n.level, n.index, n.hash FROM unnest($1::smallint[], $2::bigint[]) AS want (level, index) JOIN audit_nodes n USING (level, index)
     UNION ALL SELECT 0, index, leaf_hash FROM audit_entries WHERE index = ANY ($3::bigint[])`,
    [
      inner.map(({ level }) => level),
      inner.map(({ index }) => index),
      subtrees.filter(({ level }) => level === 0).map(({ index }) => index),
    ],
  );
  return new Map(rows.map(({ level, index, hash }) => [`${level}/${index}`, hash]));
}

export async function readEntries(manager: EntityManager, indexes: readonly number[]): Promise<StoredEntry[]> {
  return manager.query<StoredEntry[]>(
    `SELECT ${columns} FROM audit_entries WHERE audit_entries.index = ANY ($1::bigint[]) ORDER BY audit_entries.index`,
    [indexes],
  );
}

export interface EntryFilter {
  readonly subject?: string | undefined;
  readonly type?: string | undefined;
  /** Only entries below this index: the list runs from new to old. */
  readonly below?: number | undefined;
}

export async function listEntries(manager: EntityManager, { subject, type, below }: EntryFilter, limit: number): Promise<StoredEntry[]> {
  return manager.query<StoredEntry[]>(
    `SELECT ${columns} FROM audit_entries
     WHERE ($1::text IS NULL OR subject = $1) AND ($2::text IS NULL OR type = $2) AND ($3::bigint IS NULL OR audit_entries.index < $3)
     ORDER BY audit_entries.index DESC LIMIT $4`,
    [subject ?? null, type ?? null, below ?? null, limit],
  );
}

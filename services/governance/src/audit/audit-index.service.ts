import { Transactions } from '@bascule/database';
import { Injectable } from '@nestjs/common';
import { referenceKinds } from './event-references.js';

/** What is known about a captured prediction without reading its block. */
export interface PredictionPlace {
  readonly predictionId: string;
  readonly modelName: string;
  readonly modelVersion: number;
  readonly clientRecordId: string | null;
  readonly entryIndex: number;
  readonly row: number;
}

const place = `prediction_id AS "predictionId", model_name AS "modelName", model_version AS "modelVersion",
  client_record_id AS "clientRecordId", entry_index::float8 AS "entryIndex", row`;
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

const indexesOf = (rows: { index: number }[]) => rows.map(({ index }) => index);

// streams overtake one another on their way here, so what came before what is told by the events' own times
const clockSkew = "interval '1 second'";

/** Finds entries by what they refer to. */
@Injectable()
export class AuditIndexService {
  constructor(private readonly transactions: Transactions) {}

  async findPrediction(id: string): Promise<PredictionPlace | undefined> {
    if (!uuid.test(id)) return undefined;
    const [row] = await this.transactions.manager.query<PredictionPlace[]>(
      `SELECT ${place} FROM audited_predictions WHERE prediction_id = $1`,
      [id],
    );
    return row;
  }

  async findPredictionsOfRecord(model: string, clientRecordId: string, limit: number): Promise<PredictionPlace[]> {
    return this.transactions.manager.query<PredictionPlace[]>(
      `SELECT ${place} FROM audited_predictions WHERE client_record_id = $1 AND model_name = $2 ORDER BY entry_index, row LIMIT $3`,
      [clientRecordId, model, limit],
    );
  }

  async findEvent(eventId: string): Promise<number | undefined> {
    const [row] = await this.transactions.manager.query<{ index: number }[]>(
      'SELECT index::float8 AS index FROM audit_entries WHERE event_id = $1',
      [eventId],
    );
    return row?.index;
  }

  /** The things known under a bare id or under `model@version`. */
  async findReferences(id: string): Promise<string[]> {
    const candidates = [id, ...referenceKinds.map((kind) => `${kind}/${id}`)];
    const rows = await this.transactions.manager.query<{ reference: string }[]>(
      'SELECT DISTINCT reference FROM audit_references WHERE reference = ANY ($1)',
      [candidates],
    );
    const known = rows.map(({ reference }) => reference);
    return candidates.filter((candidate) => known.includes(candidate));
  }

  /** Entries in a role to any of the references, of all types or of some, behind an index, oldest first. */
  async entriesOf(
    references: readonly string[],
    roles: readonly string[],
    limit: number,
    types?: readonly string[],
    after = -1,
  ): Promise<number[]> {
    if (references.length === 0) return [];
    const rows = await this.transactions.manager.query<{ index: number }[]>(
      `SELECT DISTINCT r.entry_index::float8 AS index FROM audit_references r JOIN audit_entries e ON e.index = r.entry_index
       WHERE r.reference = ANY ($1) AND r.role = ANY ($2) AND ($4::text[] IS NULL OR e.type = ANY ($4)) AND r.entry_index > $5 ORDER BY 1 LIMIT $3`,
      [references, roles, limit, types ?? null, after],
    );
    return indexesOf(rows);
  }

  /** One step back from entries: the events that caused them, and those that brought about the things they happened because of. */
  async causesOf(indexes: readonly number[]): Promise<number[]> {
    const rows = await this.transactions.manager.query<{ index: number }[]>(
      `SELECT c.index::float8 AS index FROM audit_entries e JOIN audit_entries c ON c.event_id = e.causation_id WHERE e.index = ANY ($1::bigint[])
       UNION
       SELECT d.entry_index::float8 FROM audit_references b
         JOIN audit_entries of_b ON of_b.index = b.entry_index
       CROSS JOIN LATERAL (
         SELECT entry_index FROM audit_references d JOIN audit_entries of_d ON of_d.index = d.entry_index
         WHERE d.reference = b.reference AND d.role = 'defines' AND d.entry_index <> b.entry_index AND of_d.time <= of_b.time + ${clockSkew}
         ORDER BY of_d.time LIMIT 10
       ) d
     WHERE b.entry_index = ANY ($1::bigint[]) AND b.role = 'because'`,
      [indexes],
    );
    return indexesOf(rows);
  }

  /** One step forward: events that name these as their cause, or happened because of what these brought about. */
  async effectsOf(indexes: readonly number[], limit: number): Promise<number[]> {
    const rows = await this.transactions.manager.query<{ index: number }[]>(
      `SELECT index FROM (
         SELECT f.index::float8 AS index FROM audit_entries e JOIN audit_entries f ON f.causation_id = e.event_id WHERE e.index = ANY ($1::bigint[])
         UNION
         SELECT b.entry_index::float8 FROM audit_references d JOIN audit_entries of_d ON of_d.index = d.entry_index
         JOIN audit_references b ON b.reference = d.reference AND b.role = 'because' AND b.entry_index <> d.entry_index
         JOIN audit_entries of_b ON of_b.index = b.entry_index
       WHERE d.entry_index = ANY ($1::bigint[]) AND d.role = 'defines' AND of_b.time >= of_d.time - ${clockSkew}
     ) AS effects ORDER BY index LIMIT $2`,
      [indexes, limit],
    );
    return indexesOf(rows);
  }
}

import { Transactions } from '@bascule/database';
import { Injectable } from '@nestjs/common';
import type { LabelOrigin } from './label-origins.js';

export interface PendingRow {
  readonly predictionId: string;
  readonly revision: number;
  readonly record: Record<string, unknown>;
  readonly occurredAt: Date;
  readonly source: string;
  readonly selection: string;
  readonly labelledAt: Date | null;
}

/** A row that was taken out, as it goes into a batch. */
export interface TakenRow extends LabelOrigin {
  /** Its record as JSON text, as it was kept. */
  readonly record: string;
}

/** Labelled rows that wait to become part of a dataset. */
@Injectable()
export class PendingRows {
  constructor(private readonly transactions: Transactions) {}

  /** Adds rows; a later revision of a prediction's label replaces an earlier one. */
  async add(datasetName: string, modelName: string, rows: readonly PendingRow[]): Promise<void> {
    const latest = new Map<string, PendingRow>();
    for (const row of rows) if ((latest.get(row.predictionId)?.revision ?? -1) < row.revision) latest.set(row.predictionId, row);
    const unique = [...latest.values()];
    await this.transactions.manager.query(
      `insert into pending_rows (dataset_name, model_name, prediction_id, revision, record, occurred_at, source, selection, labelled_at, is_correction)
       select $1, $2, id, revision, record::json, occurred_at, source, selection, labelled_at, revision > 1
         from unnest($3::uuid[], $4::int[], $5::text[], $6::timestamptz[], $7::text[], $8::text[], $9::timestamptz[])
           as sent (id, revision, record, occurred_at, source, selection, labelled_at)
       on conflict (dataset_name, prediction_id) do update
         set revision = excluded.revision, record = excluded.record, occurred_at = excluded.occurred_at, model_name = excluded.model_name,
           source = excluded.source, selection = excluded.selection, labelled_at = excluded.labelled_at
         where excluded.revision > pending_rows.revision`,
      [
        datasetName,
        modelName,
        unique.map(({ predictionId }) => predictionId),
        unique.map(({ revision }) => revision),
        unique.map(({ record }) => JSON.stringify(record)),
        unique.map(({ occurredAt }) => occurredAt),
        unique.map(({ source }) => source),
        unique.map(({ selection }) => selection),
        unique.map(({ labelledAt }) => labelledAt),
      ],
    );
  }

  /** How many rows wait, and for how long the oldest has. */
  async waiting(datasetName: string): Promise<{ count: number; oldestSeconds: number }> {
    const [row] = (await this.transactions.manager.query(
      `select count(*)::int as count, coalesce(extract(epoch from now() - min(received_at)), 0)::float8 as "oldestSeconds"
       from pending_rows where dataset_name = $1`,
      [datasetName],
    )) as [{ count: number; oldestSeconds: number }];
    return row;
  }

  /** Takes rows out, in the order in which they happened: first labels, or corrections of labels that a batch had before. */
  async take(datasetName: string, limit: number, kind: 'first' | 'correction'): Promise<TakenRow[]> {
    return (await this.transactions.manager.query(
      `with taken as (
         delete from pending_rows where dataset_name = $1 and prediction_id in (
           select prediction_id from pending_rows where dataset_name = $1 and is_correction = $3
           order by received_at, prediction_id limit $2 for update)
         returning record, occurred_at, prediction_id, revision, source, selection, labelled_at)
       select record::text as record, prediction_id as "predictionId", revision, source, selection, labelled_at as "labelledAt"
       from taken order by occurred_at, prediction_id`,
      [datasetName, limit, kind === 'correction'],
    )) as TakenRow[];
  }

  /** True for one caller at a time, until the transaction ends. */
  async tryLock(datasetName: string): Promise<boolean> {
    const [row] = (await this.transactions.manager.query('select pg_try_advisory_xact_lock(hashtextextended($1, 0)) as locked', [
      `feedback ${datasetName}`,
    ])) as [{ locked: boolean }];
    return row.locked;
  }
}

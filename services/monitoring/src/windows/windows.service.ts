import { Transactions } from '@bascule/database';
import { Injectable } from '@nestjs/common';
import { takeTurn } from '../evaluation/turn.queries.js';
import type { PredictionRow } from '../predictions/prediction-row.js';
import { monthKey, watermarkOf } from './window.js';
import { WindowCounts, type WindowCountsData } from './window-counts.js';

interface Delta {
  model_name: string;
  model_version: number;
  month: string;
  counts: WindowCountsData;
  occurred_to: Date;
}

/** Deltas folded in one transaction. */
const foldAtOnce = 200;

@Injectable()
export class WindowsService {
  constructor(private readonly transactions: Transactions) {}

  /** Counts rows into their windows, in the transaction that stores them: one delta per window, so that blocks do not wait for one another. */
  async count(rows: readonly PredictionRow[]): Promise<void> {
    const deltas = new Map<string, { row: PredictionRow; counts: WindowCounts; to: Date }>();
    for (const row of rows) {
      const key = `${row.schema.modelName}/${row.schema.modelVersion}/${monthKey(row.occurredAt)}`;
      const seenTo = watermarkOf(row.occurredAt, row.receivedAt);
      const delta = deltas.get(key) ?? { row, counts: new WindowCounts(), to: seenTo };
      if (seenTo > delta.to) delta.to = seenTo;
      delta.counts.addRow(row.cells, row.score ?? undefined);
      deltas.set(key, delta);
    }
    for (const { row, counts, to } of deltas.values()) {
      await this.transactions.manager.query(
        'insert into window_deltas (model_name, model_version, month, counts, occurred_to) values ($1, $2, $3, $4, $5)',
        [row.schema.modelName, row.schema.modelVersion, monthKey(row.occurredAt), JSON.stringify(counts), to],
      );
    }
  }

  /** Folds deltas into their windows and moves the watermarks; for the replica that evaluates. Answers how many deltas it took. */
  async fold(): Promise<number> {
    return this.transactions.run(async (manager) => {
      await takeTurn(manager);
      const deltas = (await manager.query(
        `with taken as (delete from window_deltas where delta_id in (select delta_id from window_deltas order by delta_id limit ${foldAtOnce}) returning *)
         select model_name, model_version, month::text, counts, occurred_to from taken order by delta_id`,
      )) as Delta[];
      const windows = new Map<string, { delta: Delta; counts: WindowCounts }>();
      for (const delta of deltas) {
        const key = `${delta.model_name}/${delta.model_version}/${delta.month}`;
        const window = windows.get(key) ?? { delta, counts: await this.month(delta.model_name, delta.model_version, delta.month) };
        window.counts.merge(WindowCounts.from(delta.counts));
        windows.set(key, window);
        await manager.query(
          `insert into monitored_models (model_name, watermark) values ($1, $2)
           on conflict (model_name) do update set watermark = greatest(monitored_models.watermark, excluded.watermark)`,
          [delta.model_name, delta.occurred_to],
        );
      }
      for (const { delta, counts } of windows.values()) {
        await manager.query(
          `insert into windows (model_name, model_version, month, prediction_count, counts) values ($1, $2, $3, $4, $5)
           on conflict (model_name, model_version, month)
           do update set prediction_count = excluded.prediction_count, counts = excluded.counts, updated_at = now()`,
          [delta.model_name, delta.model_version, delta.month, counts.rows, JSON.stringify(counts)],
        );
      }
      return deltas.length;
    });
  }

  /** Counters of one month; empty when nothing was counted. */
  async month(modelName: string, modelVersion: number, month: string): Promise<WindowCounts> {
    const [row] = (await this.transactions.manager.query(
      'select counts from windows where model_name = $1 and model_version = $2 and month = $3',
      [modelName, modelVersion, month],
    )) as { counts: WindowCountsData }[];
    return row ? WindowCounts.from(row.counts) : new WindowCounts();
  }

  /** Counters of each month with predictions in a span. */
  async months(modelName: string, modelVersion: number, from: Date, to: Date): Promise<{ month: string; counts: WindowCounts }[]> {
    const rows = (await this.transactions.manager.query(
      `select month::text, counts from windows where model_name = $1 and model_version = $2 and month >= $3::date and month < $4::date order by month`,
      [modelName, modelVersion, from.toISOString().slice(0, 10), to.toISOString().slice(0, 10)],
    )) as { month: string; counts: WindowCountsData }[];
    return rows.map(({ month, counts }) => ({ month, counts: WindowCounts.from(counts) }));
  }
}

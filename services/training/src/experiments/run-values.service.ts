import { Transactions } from '@bascule/database';
import { Injectable } from '@nestjs/common';
import type { ValueKind } from './run-filter.js';

export type RunValue = string | number | boolean;

const keptText = 200;
const keptName = 100;

/** Numbers and words of runs, laid out so that runs are found by them. */
@Injectable()
export class RunValuesService {
  constructor(private readonly transactions: Transactions) {}

  /** Adds values to a run, in place of former ones of the same name; joins the transaction that is under way. */
  async put(runId: string, kind: ValueKind, values: Readonly<Record<string, RunValue>>): Promise<void> {
    const rows = Object.entries(values)
      .filter(([, value]) => typeof value !== 'number' || Number.isFinite(value))
      .map(([name, value]) => ({
        name: name.slice(0, keptName),
        number: typeof value === 'number' ? value : null,
        text: typeof value === 'number' ? null : String(value).slice(0, keptText),
      }));
    if (rows.length === 0) return;
    await this.transactions.manager.query(
      `insert into run_values (run_id, kind, name, number, text, pipeline_name, model_name)
       select runs.id, $2, listed.name, number, text, pipeline_name, model_name
       from runs, jsonb_to_recordset($3::jsonb) as listed (name text, number double precision, text text) where runs.id = $1
       on conflict (run_id, kind, name) do update set number = excluded.number, text = excluded.text`,
      [runId, kind, JSON.stringify([...new Map(rows.map((row) => [row.name, row])).values()])],
    );
  }

  async remove(runId: string, kind: ValueKind, names: readonly string[]): Promise<void> {
    await this.transactions.manager.query('delete from run_values where run_id = $1 and kind = $2 and name = any($3)', [
      runId,
      kind,
      names,
    ]);
  }
}

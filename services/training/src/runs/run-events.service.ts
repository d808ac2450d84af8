import { Transactions } from '@bascule/database';
import { Clock } from '@bascule/platform';
import { Injectable } from '@nestjs/common';

/** What a run tells: where it stands, how far it is, lines of its log, numbers it measured, steps it took or took over. */
export type RunEventKind = 'state' | 'progress' | 'log' | 'metric' | 'step';

export interface NewRunEvent {
  readonly kind: RunEventKind;
  readonly attempt: number;
  readonly data: Readonly<Record<string, unknown>>;
  readonly at?: Date;
}

export interface RunEvent {
  /** From 1, without gaps, in the order of the run. */
  readonly sequence: number;
  readonly at: string;
  readonly attempt: number;
  readonly kind: RunEventKind;
  readonly data: Record<string, unknown>;
}

interface Row extends Omit<RunEvent, 'at'> {
  readonly at: Date;
}

/** What runs told, in order. */
@Injectable()
export class RunEventsService {
  constructor(
    private readonly transactions: Transactions,
    private readonly clock: Clock,
  ) {}

  /** Adds events to a run; joins the transaction that is under way. */
  async append(runId: string, events: readonly NewRunEvent[]): Promise<void> {
    if (events.length === 0) return;
    const now = this.clock.now();
    const rows = events.map(({ kind, attempt, data, at }) => ({ kind, attempt, data, at: at ?? now }));
    await this.transactions.run(async (manager) => {
      // until the end of the transaction: a reader that has seen a number has seen all before it
      await manager.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`run-events ${runId}`]);
      await manager.query(
        `insert into run_events (run_id, sequence, at, attempt, kind, data)
         select $1, (select coalesce(max(sequence), 0) from run_events where run_id = $1) + row_number() over (order by ordinality),
           (event ->> 'at')::timestamptz, (event ->> 'attempt')::int, event ->> 'kind', event -> 'data'
         from jsonb_array_elements($2::jsonb) with ordinality as listed (event, ordinality)`,
        [runId, JSON.stringify(rows)],
      );
    });
  }

  /** Events after a number, in order. */
  async listAfter(runId: string, after: number, limit: number): Promise<RunEvent[]> {
    const rows: Row[] = await this.transactions.manager.query(
      'select sequence, at, attempt, kind, data from run_events where run_id = $1 and sequence > $2 order by sequence limit $3',
      [runId, after, limit],
    );
    return rows.map((row) => ({ ...row, at: row.at.toISOString() }));
  }

  /** How far the run is, as it said last. */
  async findProgress(runId: string): Promise<Record<string, unknown> | null> {
    const [row]: { data: Record<string, unknown> }[] = await this.transactions.manager.query(
      `select data from run_events where run_id = $1 and kind = 'progress' order by sequence desc limit 1`,
      [runId],
    );
    return row?.data ?? null;
  }
}

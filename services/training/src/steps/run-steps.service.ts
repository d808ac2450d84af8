import { Transactions } from '@bascule/database';
import { Clock } from '@bascule/platform';
import { Injectable } from '@nestjs/common';
import { RunEventsService } from '../runs/run-events.service.js';
import { type StepLine, type StepName, stepGraph, stepNames } from '../trainers/steps.js';

const keptPerModel = 300;
/** Belong to one run, whatever its inputs are. */
const neverReused: ReadonlySet<StepName> = new Set(['sign', 'register']);

export interface RunStep {
  readonly name: StepName;
  /** The steps that it rests on. */
  readonly needs: readonly StepName[];
  /** `skipped`: the run ended without it. */
  readonly status: 'waiting' | 'started' | 'done' | 'reused' | 'skipped';
  readonly attempt: number | null;
  /** The run whose outcome was taken over: its inputs were the same. */
  readonly reusedFrom: string | null;
  readonly key: string | null;
  readonly output: unknown;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
}

interface StepOwner {
  readonly id: string;
  readonly attempt: number;
  readonly modelName: string;
}

/** Steps of runs: how far each is, and what it gave to whoever has the same inputs later. */
@Injectable()
export class RunStepsService {
  constructor(
    private readonly transactions: Transactions,
    private readonly events: RunEventsService,
    private readonly clock: Clock,
  ) {}

  /** Outputs of earlier steps for a model, by key. */
  async known(modelName: string): Promise<Record<string, unknown>> {
    const rows: { key: string; output: unknown }[] = await this.transactions.manager.query(
      'select key, output from step_results where model_name = $1 order by made_at desc limit $2',
      [modelName, keptPerModel],
    );
    return Object.fromEntries(rows.map(({ key, output }) => [key, output]));
  }

  /** Keeps what a step said; joins the transaction that is under way. */
  async note(run: StepOwner, { name, status, key, output }: Omit<StepLine, 'type'>): Promise<void> {
    await this.transactions.run(async (manager) => {
      const now = this.clock.now();
      const reusedFrom = status === 'reused' ? await this.madeBy(key) : null;
      const finishedAt = status === 'started' ? null : now;
      // an attempt that was taken over says no more about the run
      await manager.query(
        `insert into run_steps (run_id, name, attempt, status, key, reused_from, output, started_at, finished_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         on conflict (run_id, name) do update set attempt = excluded.attempt, status = excluded.status, key = excluded.key,
           reused_from = excluded.reused_from, output = excluded.output, finished_at = excluded.finished_at,
           started_at = case when excluded.status = 'done' then run_steps.started_at else excluded.started_at end
         where run_steps.attempt <= excluded.attempt`,
        [run.id, name, run.attempt, status, key, reusedFrom, output === undefined ? null : JSON.stringify(output), now, finishedAt],
      );
      if (status === 'done' && !neverReused.has(name) && !key.startsWith('program:')) {
        await manager.query(
          `insert into step_results (key, name, model_name, run_id, output, made_at) values ($1, $2, $3, $4, $5, $6)
           on conflict (key) do update set run_id = excluded.run_id, output = excluded.output, made_at = excluded.made_at`,
          [key, name, run.modelName, run.id, JSON.stringify(output ?? null), now],
        );
      }
      const data = { name, status, ...(reusedFrom ? { reusedFrom } : {}) };
      await this.events.append(run.id, [{ kind: 'step', attempt: run.attempt, data }]);
    });
  }

  /** All steps of a run in their order, those to come among them. @param isEnded whether none of them will come any more */
  async list(runId: string, isEnded: boolean): Promise<RunStep[]> {
    const rows: (Omit<RunStep, 'needs'> & Record<string, unknown>)[] = await this.transactions.manager.query(
      `select name, status, attempt, reused_from as "reusedFrom", key, output, started_at as "startedAt", finished_at as "finishedAt"
       from run_steps where run_id = $1`,
      [runId],
    );
    const taken = new Map(rows.map((row) => [row.name, row]));
    const waiting = {
      status: isEnded ? ('skipped' as const) : ('waiting' as const),
      attempt: null,
      reusedFrom: null,
      key: null,
      output: null,
      startedAt: null,
      finishedAt: null,
    };
    return stepNames.map((name) => ({ ...waiting, ...taken.get(name), name, needs: stepGraph[name] }));
  }

  private async madeBy(key: string): Promise<string | null> {
    const [row]: { run_id: string }[] = await this.transactions.manager.query('select run_id from step_results where key = $1', [key]);
    return row?.run_id ?? null;
  }
}

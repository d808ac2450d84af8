import { Transactions } from '@bascule/database';
import { Clock } from '@bascule/platform';
import { Injectable } from '@nestjs/common';
import type { RunEntity } from '../runs/run.entity.js';
import type { Direction, JobResult } from '../trainers/job.schema.js';
import type { Search } from './search.schema.js';
import { countTrials, type NextMove, nextTrials, type PlannedTrial, shareOut } from './search-plan.js';
import type { TrialParams } from './search-space.js';

export interface Trial extends PlannedTrial {
  readonly attempt: number;
  /** Of the searched metric; null when the trial was refused. */
  readonly value: number | null;
  readonly metrics: Readonly<Record<string, number>>;
  /** Which way the searched metric is better, as its trainer says. */
  readonly better: Direction | null;
  readonly reason: string | null;
  readonly seconds: number;
  readonly finishedAt: Date;
}

export interface Searched {
  readonly params: TrialParams;
  readonly value: number;
  readonly number: number;
  readonly trialCount: number;
}

/** Told of a trial that has ended. */
export type OnEnded = (planned: PlannedTrial, result: JobResult, seconds: number) => Promise<void>;

/** How trials are carried out. */
export interface TryOut {
  /** How many at most are carried out one after another in one go. */
  readonly atOnce: number;
  readonly carryOut: (planned: readonly PlannedTrial[], onEnded: OnEnded) => Promise<void>;
}
export type OnTrial = (told: { readonly trial: Trial; readonly ended: number; readonly total: number }) => void;

/** Looks for parameters: trials several at a time, each kept as it ends, so that a search that broke off goes on where it was. */
@Injectable()
export class TrialsService {
  constructor(
    private readonly transactions: Transactions,
    private readonly clock: Clock,
  ) {}

  /** @returns the best trial; the reasons when all were refused */
  async search(run: RunEntity, search: Search, tryOut: TryOut, onTrial: OnTrial): Promise<Searched | { readonly reasons: string[] }> {
    const total = countTrials(search);
    for (;;) {
      const ended = await this.list(run.id);
      const move: NextMove = nextTrials(search, ended);
      if (move.kind === 'best') {
        const { params, number } = move.trial;
        return { params, value: move.value, number, trialCount: ended.length };
      }
      if (move.kind === 'none') {
        return { reasons: [`all ${ended.length} trials were refused; the last one: ${ended.at(-1)?.reason ?? 'there was none'}`] };
      }
      let count = ended.length;
      const keep: OnEnded = async (planned, result, seconds) => {
        const trial = await this.keep(run, planned, { ...outcomeOf(result, search.metric), seconds });
        onTrial({ trial, ended: ++count, total });
      };
      const goes = shareOut(move.trials, search.parallel, tryOut.atOnce);
      await eachAtATime(goes, search.parallel, (planned) => tryOut.carryOut(planned, keep));
    }
  }

  /** Trials of a run by round and number. */
  async list(runId: string): Promise<Trial[]> {
    return this.transactions.manager.query(
      `select number, round, rows, params, attempt, value, metrics, better, reason, seconds, finished_at as "finishedAt"
       from trials where run_id = $1 order by round, number`,
      [runId],
    );
  }

  private async keep(
    run: RunEntity,
    planned: PlannedTrial,
    came: Pick<Trial, 'value' | 'metrics' | 'better' | 'reason' | 'seconds'>,
  ): Promise<Trial> {
    const { number, round, rows } = planned;
    const { value, metrics, better, reason, seconds } = came;
    const trial = { ...planned, ...came, attempt: run.attempt, finishedAt: this.clock.now() };
    await this.transactions.manager.query(
      `insert into trials (run_id, number, round, rows, params, attempt, value, metrics, better, reason, seconds, finished_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) on conflict (run_id, round, number) do nothing`,
      [
        ...[run.id, number, round, rows, JSON.stringify(planned.params), run.attempt, value],
        ...[JSON.stringify(metrics), better, reason, seconds, trial.finishedAt],
      ],
    );
    return trial;
  }
}

function outcomeOf(result: JobResult, metric: string): Pick<Trial, 'value' | 'metrics' | 'better' | 'reason'> {
  if (result.outcome === 'refused') return { value: null, metrics: {}, better: null, reason: result.reasons.join('; ') };
  if (result.outcome !== 'trial') throw new Error(`a trial ended as ${result.outcome}`);
  const { metrics, better: said } = result;
  const [value, better] = [metrics[metric], said[metric] ?? null];
  if (value !== undefined && Number.isFinite(value)) return { value, metrics, better, reason: null };
  const known = Object.keys(metrics).sort().join(', ');
  return { value: null, metrics, better, reason: `there is no metric ${metric}; there are ${known}` };
}

/** Works on so many at a time; the first error lets those under way end, begins no other, and is thrown. */
async function eachAtATime<T>(items: readonly T[], width: number, work: (item: T) => Promise<void>): Promise<void> {
  const waiting = [...items];
  let fault: { readonly error: unknown } | undefined;
  const lane = async () => {
    for (let item = waiting.shift(); item !== undefined && !fault; item = waiting.shift()) {
      try {
        await work(item);
      } catch (error) {
        fault ??= { error };
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, lane));
  if (fault) throw fault.error;
}

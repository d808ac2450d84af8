import { setTimeout as delay } from 'node:timers/promises';
import { CONFIG, isOutage, Logger, Metrics } from '@bascule/platform';
import { Inject, Injectable } from '@nestjs/common';
import { ChampionsService } from '../champions/champions.service.js';
import type { Config } from '../config.js';
import type { RunEntity } from '../runs/run.entity.js';
import { RunEventsService } from '../runs/run-events.service.js';
import type { Job, JobResult } from '../trainers/job.schema.js';
import { AttemptsService } from './attempts.service.js';
import { AttemptFailed, Executor } from './executor.js';
import { LeasesService, type Outcome } from './leases.service.js';
import { RunLog } from './run-log.js';

type Champion = Job['champion'];

const settleForMs = 60_000;
const settleAgainMs = 500;

/** Carries out claimed runs: executor, heartbeat, time limit, and what follows from the result. */
@Injectable()
export class ExecutionService {
  constructor(
    private readonly leases: LeasesService,
    private readonly champions: ChampionsService,
    private readonly executor: Executor,
    private readonly attempts: AttemptsService,
    private readonly events: RunEventsService,
    private readonly metrics: Metrics,
    private readonly log: Logger,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** Takes a run to work on, if one waits. */
  async claim(): Promise<RunEntity | undefined> {
    return this.leases.claim(this.executor.name);
  }

  /** Works on a claimed run until its attempt has an end. @param stopping aborts when the service shuts down */
  async work(run: RunEntity, stopping: AbortSignal): Promise<void> {
    const startedAt = performance.now();
    const lost = new AbortController();
    const told = new RunLog(run.attempt, (events) => this.events.append(run.id, events));
    const limitMs = this.attempts.timeLimitOf(run);
    const heartbeat = setInterval(() => void this.renew(run, lost), this.config.RUN_LEASE_MS / 4);
    const timeout = AbortSignal.timeout(limitMs);
    try {
      const champion = await this.findChampion(run.modelName);
      const signal = AbortSignal.any([stopping, lost.signal, timeout]);
      const result = await this.attempts.carryOut(run, this.jobOf(run, champion), {
        signal,
        onLine: (line, from) => told.take(line, from),
      });
      await told.flush();
      this.note(run, await this.settleThroughOutage(run, result, champion, stopping), result.outcome, startedAt);
    } catch (error) {
      await told.flush();
      if (stopping.aborted) this.note(run, await this.leases.release(run), 'released', startedAt);
      else if (lost.signal.aborted) this.note(run, 'lost', 'abandoned', startedAt);
      else {
        const reason = timeout.aborted ? `no result within ${limitMs} ms` : this.reasonOf(error, run);
        this.note(run, await this.leases.breakOff(run, reason), 'broken-off', startedAt, reason);
      }
    } finally {
      clearInterval(heartbeat);
    }
  }

  /** A result is worth waiting for the database: training again costs more, and the lease decides whose result counts. */
  private async settleThroughOutage(run: RunEntity, result: JobResult, champion: Champion, stopping: AbortSignal): Promise<Outcome> {
    const giveUpAt = performance.now() + settleForMs;
    for (;;) {
      try {
        return await this.settle(run, result, champion);
      } catch (error) {
        if (!isOutage(error) || stopping.aborted || performance.now() > giveUpAt) throw error;
        await delay(settleAgainMs);
      }
    }
  }

  private async settle(run: RunEntity, result: JobResult, champion: Champion): Promise<Outcome> {
    if (result.outcome === 'prepared') throw new Error('a run ended before its trainer began');
    if (result.outcome === 'refused') return this.leases.refuse(run, result.reasons.join('; '));
    const { outcome: _, championMetrics: metrics, comparison, ...made } = result;
    if (!champion || !metrics) return this.leases.succeed(run, made);
    return this.leases.succeed(run, { ...made, champion: { ...champion, metrics, ...(comparison ? { comparison } : {}) } });
  }

  private async renew(run: RunEntity, lost: AbortController): Promise<void> {
    try {
      if (!(await this.leases.renew(run))) lost.abort();
    } catch (error) {
      // the lease outlives a short outage of the database; a long one ends it, and storing the result then fails
      this.log.warn({ err: error, runId: run.id }, 'the lease was not renewed');
    }
  }

  private async findChampion(modelName: string): Promise<Champion> {
    const champion = await this.champions.find(modelName);
    return champion ? { version: champion.version, artifactDigest: champion.artifactDigest } : undefined;
  }

  private jobOf(run: RunEntity, champion: Champion): Job {
    const { modelName, datasetVersion, evaluationDatasetVersion, recipe } = run;
    const { trainer, features, label, params, split, excludedWindows } = recipe;
    const data = { modelName, datasetVersion, evaluationDatasetVersion, trainer, features, label, params, split, excludedWindows };
    return { objectRoot: this.config.OBJECT_ROOT, ...data, ...(champion ? { champion } : {}) };
  }

  // what a database or a file says is for the log, not for everybody who reads the run
  private reasonOf(error: unknown, { id: runId }: RunEntity): string {
    if (error instanceof AttemptFailed) return error.message;
    this.log.error({ err: error, runId }, 'the attempt broke off');
    return 'something went wrong on our side; the log of training says what';
  }

  private note(run: RunEntity, outcome: Outcome, end: string, startedAt: number, reason?: string): void {
    const seconds = (performance.now() - startedAt) / 1000;
    this.metrics.counter('training_attempts_total', 'attempts at runs by their end').add(1, { end: outcome === 'lost' ? 'lost' : end });
    this.metrics.histogram('training_attempt_seconds', 'duration of attempts at runs').record(seconds, { end });
    this.log.info({ runId: run.id, attempt: run.attempt, end, outcome, seconds, ...(reason ? { reason } : {}) }, 'attempt ended');
  }
}

import { setTimeout as delay } from 'node:timers/promises';
import { CONFIG, HealthRegistry, LOGGER, Logger, Metrics } from '@bascule/platform';
import { type BeforeApplicationShutdown, Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { DataSource, type QueryRunner } from 'typeorm';
import { CanaryService } from '../canary/canary.service.js';
import { RolloutComparisons } from '../canary/rollout-comparisons.service.js';
import { CaptureAccounts } from '../capture/capture-accounts.service.js';
import type { Config } from '../config.js';
import { DriftService } from '../drift/drift.service.js';
import { LabelledBlocksService } from '../ground-truth/labelled-blocks.service.js';
import { LabelsService } from '../ground-truth/labels.service.js';
import { PerformanceService } from '../performance/performance.service.js';
import { RetentionService } from '../predictions/retention.service.js';
import { WindowsService } from '../windows/windows.service.js';
import { TaskFailures } from './task-failures.js';

interface Task {
  readonly name: string;
  readonly everyMs: number;
  readonly run: () => Promise<void>;
  dueAt: number;
}

// longer than the tasks of one turn take; should they take longer, the place is won anew
const leaderSilenceMs = 300_000;

/** Folds counts, publishes labels and gives verdicts, on one replica at a time; the others wait for its place. */
@Injectable()
export class EvaluationJob implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly tasks: Task[];
  private readonly failures = new TaskFailures();
  private isStopping = false;
  private isLeading = false;
  private loop: Promise<void> = Promise.resolve();

  constructor(
    private readonly dataSource: DataSource,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(LOGGER) private readonly log: Logger,
    private readonly health: HealthRegistry,
    private readonly metrics: Metrics,
    windows: WindowsService,
    labels: LabelsService,
    blocks: LabelledBlocksService,
    drift: DriftService,
    performance: PerformanceService,
    canary: CanaryService,
    comparisons: RolloutComparisons,
    capture: CaptureAccounts,
    retention: RetentionService,
  ) {
    const task = (name: string, everyMs: number, run: () => Promise<void>): Task => ({ name, everyMs, run, dueAt: 0 });
    const untilDone = (step: () => Promise<number>) => async () => {
      while ((await step()) > 0 && !this.isStopping);
    };
    this.tasks = [
      task(
        'fold counts',
        0,
        untilDone(() => windows.fold()),
      ),
      task(
        'publish labels',
        0,
        untilDone(() => blocks.publish()),
      ),
      task('judge canaries', 0, () => canary.judge()),
      task('judge drift', 0, () => drift.evaluate()),
      task('judge performance', 1000, () => performance.evaluate()),
      task('join what arrived together', 5000, () => labels.sweep()),
      task('account for capture', 1000, () => capture.account()),
      task('retention', 3_600_000, async () => {
        await retention.apply();
        await capture.forget(config.PREDICTION_KEEP_DAYS);
        await comparisons.forgetMeasures();
      }),
    ];
  }

  onApplicationBootstrap(): void {
    this.metrics.gauge('bascule_monitoring_evaluating', '1 on the replica that evaluates', () => (this.isLeading ? 1 : 0));
    this.metrics.gauge('bascule_monitoring_task_failures', 'How often each task of the evaluation has failed in a row', () =>
      this.tasks.map(({ name }) => ({ value: this.failures.timesOf(name), labels: { task: name } })),
    );
    this.health.register('evaluation', async () => {
      const complaint = this.failures.complaint();
      if (complaint) return { ok: false, critical: false, detail: complaint };
      return { ok: true, detail: this.isLeading ? 'evaluates' : 'waits for the evaluating replica' };
    });
    this.loop = this.run();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.isStopping = true;
    await this.loop;
  }

  private async run(): Promise<void> {
    while (!this.isStopping) {
      const session = this.dataSource.createQueryRunner();
      try {
        const [row] = (await session.query(
          `select pg_try_advisory_lock(hashtextextended('monitoring-evaluation-' || current_schema(), 0)) as locked`,
        )) as { locked: boolean }[];
        if (row?.locked) await this.lead(session);
      } catch (error) {
        this.log.warn({ err: error }, 'evaluation interrupted');
      } finally {
        this.isLeading = false;
        this.failures.forget();
        await session.query('reset idle_session_timeout; select pg_advisory_unlock_all()').catch(() => undefined);
        await session.release().catch(() => undefined);
      }
      if (!this.isStopping) await delay(500);
    }
  }

  private async lead(session: QueryRunner): Promise<void> {
    this.isLeading = true;
    // a machine that lost its power closes no connection: without this its lock would outlive it by hours
    await session.query(`set idle_session_timeout = ${leaderSilenceMs}`);
    while (!this.isStopping) {
      await session.query('select 1'); // fails when the session, and with it the lock, is gone
      for (const task of this.tasks) await this.attempt(task);
      if (!this.isStopping) await delay(this.config.EVALUATE_EVERY_MS);
    }
  }

  /** One task that fails must not keep the others from running. */
  private async attempt(task: Task): Promise<void> {
    if (this.isStopping || Date.now() < task.dueAt) return;
    try {
      await task.run();
      task.dueAt = Date.now() + task.everyMs;
      this.failures.succeeded(task.name);
    } catch (error) {
      task.dueAt = Date.now() + this.failures.failed(task.name, error);
      this.log.warn({ err: error, task: task.name, times: this.failures.timesOf(task.name) }, 'evaluation task failed, trying again');
    }
  }
}

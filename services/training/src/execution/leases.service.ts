import { runFailed, runStarted, runSucceeded } from '@bascule/contracts';
import { Transactions } from '@bascule/database';
import { Outbox } from '@bascule/outbox';
import { Clock, CONFIG } from '@bascule/platform';
import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { Config } from '../config.js';
import { RunValuesService } from '../experiments/run-values.service.js';
import { datasetsOf } from '../pipelines/pipeline-names.js';
import { chargeAttempt } from '../runs/charge-attempt.js';
import { RunEntity, type RunResult } from '../runs/run.entity.js';
import { RunEventsService } from '../runs/run-events.service.js';
import { decideAfterFailure, maxFailures } from '../runs/run-state.js';
import { RunStepsService } from '../steps/run-steps.service.js';

export type Outcome = 'recorded' | 'lost';

/** A run that has waited so long goes before those of the next higher priority that came just now. */
const movesUpEverySeconds = 900;

/** Who works on which run: a lease per run, renewed while the trainer runs, free again when its holder falls silent. */
@Injectable()
export class LeasesService {
  constructor(
    private readonly transactions: Transactions,
    private readonly outbox: Outbox,
    private readonly events: RunEventsService,
    private readonly steps: RunStepsService,
    private readonly values: RunValuesService,
    private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /**
   * Takes a run that waits or whose holder fell silent: the highest priority first, which grows with waiting; among equals the one
   * whose model computed least in the last day; then the oldest. Two replicas never take the same.
   * @param executor what will carry it out
   */
  async claim(executor: string): Promise<RunEntity | undefined> {
    return this.transactions.run(async (manager) => {
      const [taken] = (await manager.query(
        `select waiting.id from runs waiting, lateral (
           select coalesce(sum(done.compute_ms + case when done.attempt_started_at is null then 0
             else extract(epoch from now() - done.attempt_started_at) * 1000 end), 0) as used_ms
           from runs done where done.model_name = waiting.model_name
             and (done.finished_at is null or done.finished_at > now() - interval '1 day')) share
         where (waiting.status = 'queued' and waiting.available_at <= now()) or (waiting.status = 'running' and waiting.lease_expires_at < now())
         order by waiting.priority + floor(extract(epoch from now() - waiting.requested_at) / $1) desc, share.used_ms,
           waiting.requested_at, waiting.id
         for update of waiting skip locked limit 1`,
        [movesUpEverySeconds],
      )) as { id: string }[];
      if (!taken) return undefined;
      await chargeAttempt(manager, taken.id);
      const run = await manager.findOneByOrFail(RunEntity, { id: taken.id });
      const failures = run.failures + (run.status === 'running' ? 1 : 0);
      if (failures >= maxFailures) {
        await this.fail(manager, run, `gave up after ${failures} attempts; the last one: its executor fell silent`, failures);
        return undefined;
      }
      return this.start(manager, run, failures, `${executor}:${this.config.INSTANCE_ID}`);
    });
  }

  /** Renews the lease; false when the run is no longer ours: cancelled, or taken over. */
  async renew(run: RunEntity): Promise<boolean> {
    const [, renewed] = (await this.transactions.manager.query(
      `update runs set lease_expires_at = now() + $4 * interval '1 millisecond'
       where id = $1 and status = 'running' and lease_owner = $2 and attempt = $3 returning id`,
      [run.id, this.config.INSTANCE_ID, run.attempt, this.config.RUN_LEASE_MS],
    )) as [unknown, number];
    return renewed > 0;
  }

  /** Stores the result and publishes it, in one transaction, if the run is still ours. */
  async succeed(run: RunEntity, result: RunResult): Promise<Outcome> {
    return this.whileOurs(run, async (manager) => {
      const { id: runId, pipelineName, modelName, attempt, datasetVersion, evaluationDatasetVersion, recipe } = run;
      const { notes, params: _, artifacts: __, program: ___, ...made } = result;
      const { trainer, split } = recipe;
      const params = { trainer, ...(result.params ?? recipe.params), ...plain(split) };
      const versions = { ...datasetsOf(run), datasetVersion, evaluationDatasetVersion };
      const about = { runId, pipelineName, modelName, attempt, ...versions, params };
      const lastEventId = await this.outbox.publish({
        definition: runSucceeded,
        data: { ...about, ...made },
        ...contextOf(run),
      });
      const reason = notes.length > 0 ? notes.join('; ') : null;
      await manager.update(RunEntity, { id: runId }, { ...this.ended('succeeded', lastEventId), reason, result });
      await this.keepValues(runId, result);
      await this.steps.note(run, { name: 'register', status: 'done', key: lastEventId, output: { eventId: lastEventId } });
      await this.tell(run, { status: 'succeeded', ...(reason ? { reason } : {}) });
    });
  }

  /** Ends the run: another attempt would end the same way. @param result what was made, and will not do */
  async refuse(run: RunEntity, reason: string, result?: RunResult): Promise<Outcome> {
    return this.whileOurs(run, async (manager) => {
      if (result) await manager.update(RunEntity, { id: run.id }, { result });
      if (result) await this.keepValues(run.id, result);
      await this.fail(manager, run, reason, run.failures);
    });
  }

  /** An attempt broke off: another one after a delay, or the end. */
  async breakOff(run: RunEntity, reason: string): Promise<Outcome> {
    return this.whileOurs(run, async (manager) => {
      const failures = run.failures + 1;
      const next = decideAfterFailure(failures, reason);
      if (next.outcome === 'fail') return this.fail(manager, run, next.reason, failures);
      const availableAt = new Date(this.clock.now().getTime() + next.delayMs);
      await manager.update(
        RunEntity,
        { id: run.id },
        { status: 'queued', failures, availableAt, reason, leaseOwner: null, leaseExpiresAt: null },
      );
      await this.tell(run, { status: 'queued', reason });
    });
  }

  /** Gives a run back untouched, as at shutdown: no failed attempt. */
  async release(run: RunEntity): Promise<Outcome> {
    return this.whileOurs(run, async (manager) => {
      await manager.update(
        RunEntity,
        { id: run.id },
        { status: 'queued', availableAt: this.clock.now(), leaseOwner: null, leaseExpiresAt: null },
      );
      await this.tell(run, { status: 'queued', reason: 'its service shut down' });
    });
  }

  private async start(manager: EntityManager, run: RunEntity, failures: number, executor: string): Promise<RunEntity> {
    const attempt = run.attempt + 1;
    const { id: runId, pipelineName, modelName } = run;
    const lastEventId = await this.outbox.publish({
      definition: runStarted,
      data: { runId, pipelineName, modelName, ...datasetsOf(run), attempt, executor },
      ...contextOf(run),
    });
    await manager.query(
      `update runs set status = 'running', attempt = $2, failures = $3, lease_owner = $4, last_event_id = $6, attempt_started_at = now(),
         lease_expires_at = now() + $5 * interval '1 millisecond', started_at = coalesce(started_at, now()) where id = $1`,
      [runId, attempt, failures, this.config.INSTANCE_ID, this.config.RUN_LEASE_MS, lastEventId],
    );
    await this.tell({ id: runId, attempt }, { status: 'running', executor });
    return Object.assign(run, { status: 'running' as const, attempt, failures, lastEventId, leaseOwner: this.config.INSTANCE_ID });
  }

  private async fail(manager: EntityManager, run: RunEntity, reason: string, failures: number): Promise<void> {
    const { id: runId, pipelineName, modelName } = run;
    const data = { runId, pipelineName, modelName, ...datasetsOf(run), attempt: Math.max(run.attempt, 1), reason };
    const lastEventId = await this.outbox.publish({ definition: runFailed, data, ...contextOf(run) });
    await manager.update(RunEntity, { id: runId }, { ...this.ended('failed', lastEventId), reason, failures });
    await this.tell(run, { status: 'failed', reason });
  }

  private async keepValues(runId: string, { params = {}, metrics }: RunResult): Promise<void> {
    await this.values.put(runId, 'param', params);
    await this.values.put(runId, 'metric', metrics);
  }

  private async tell({ id, attempt }: Pick<RunEntity, 'id' | 'attempt'>, data: Record<string, unknown>): Promise<void> {
    await this.events.append(id, [{ kind: 'state', attempt, data }]);
  }

  private ended<Status extends 'succeeded' | 'failed'>(status: Status, lastEventId: string) {
    return { status, lastEventId, leaseOwner: null, leaseExpiresAt: null, finishedAt: this.clock.now() };
  }

  /** Does the work under a row lock if this replica still holds the lease of this attempt. */
  private async whileOurs(run: RunEntity, work: (manager: EntityManager) => Promise<void>): Promise<Outcome> {
    return this.transactions.run(async (manager) => {
      const held = await manager.findOne(RunEntity, { where: { id: run.id }, lock: { mode: 'pessimistic_write' } });
      const isOurs = held?.status === 'running' && held.leaseOwner === this.config.INSTANCE_ID && held.attempt === run.attempt;
      if (!isOurs) return 'lost';
      await chargeAttempt(manager, run.id);
      await work(manager);
      return 'recorded';
    });
  }
}

/** Settings that are one number or word each; lists and groups are in the recipe. */
const plain = (settings: object): Record<string, string | number | boolean> =>
  Object.fromEntries(
    Object.entries(settings).filter((entry): entry is [string, string | number | boolean] =>
      ['string', 'number', 'boolean'].includes(typeof entry[1]),
    ),
  );

const contextOf = ({ lastEventId, correlationId }: RunEntity) => ({ causationId: lastEventId, correlationId });

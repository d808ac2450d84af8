import type { Credential } from '@bascule/access';
import { runCancelled, runRequested } from '@bascule/contracts';
import { Transactions } from '@bascule/database';
import { Outbox } from '@bascule/outbox';
import { Clock, type Page } from '@bascule/platform';
import { Injectable } from '@nestjs/common';
import { In } from 'typeorm';
import { runEnded, runNotFound } from '../errors.js';
import { RunSearchQueries } from '../experiments/run-search.queries.js';
import { RunValuesService } from '../experiments/run-values.service.js';
import { datasetsOf } from '../pipelines/pipeline-names.js';
import { chargeAttempt } from './charge-attempt.js';
import { RunEntity } from './run.entity.js';
import { RunEventsService } from './run-events.service.js';
import { mayMove } from './run-state.js';
import { type Priority, priorities, type RunRecipe, type RunsQuery } from './runs.schema.js';

export interface NewRun {
  readonly id: string;
  readonly pipelineName: string;
  readonly pipelineVersion: number;
  readonly modelName: string;
  readonly datasetName: string;
  readonly evaluationDatasetName: string | null;
  readonly datasetVersion: string;
  readonly evaluationDatasetVersion: string;
  readonly recipe: RunRecipe;
  readonly priority: Priority;
  readonly tags: Record<string, string>;
  readonly note: string | null;
  readonly requestedBy: string;
  readonly triggerId: string;
  /** The decision to run. */
  readonly causationId: string;
  readonly correlationId: string;
}

/** Executions of pipelines: who asked, what came out. */
@Injectable()
export class RunsService {
  constructor(
    private readonly transactions: Transactions,
    private readonly outbox: Outbox,
    private readonly events: RunEventsService,
    private readonly values: RunValuesService,
    private readonly search: RunSearchQueries,
    private readonly clock: Clock,
  ) {}

  /** Queues a run; a free executor takes it. */
  async request({ causationId, correlationId, ...run }: NewRun): Promise<RunEntity> {
    return this.transactions.run(async (manager) => {
      const { id, pipelineName, modelName, datasetVersion, requestedBy, triggerId } = run;
      const lastEventId = await this.outbox.publish({
        definition: runRequested,
        data: { runId: id, pipelineName, modelName, ...datasetsOf(run), datasetVersion, requestedBy, triggerId },
        causationId,
        correlationId,
      });
      const now = this.clock.now();
      const entity = manager.create(RunEntity, {
        ...run,
        priority: priorities[run.priority],
        correlationId,
        lastEventId,
        status: 'queued',
        attempt: 0,
        failures: 0,
        attemptStartedAt: null,
        computeMs: '0',
        requestedAt: now,
        availableAt: now,
        reason: null,
        result: null,
        leaseOwner: null,
        leaseExpiresAt: null,
        startedAt: null,
        finishedAt: null,
      });
      await manager.insert(RunEntity, entity);
      const { trainer, params } = run.recipe;
      await this.values.put(id, 'param', { ...params, trainer });
      await this.values.put(id, 'tag', run.tags);
      await this.events.append(id, [{ kind: 'state', attempt: 0, data: { status: 'queued' } }]);
      return entity;
    });
  }

  async get(id: string): Promise<RunEntity> {
    const run = await this.transactions.manager.findOneBy(RunEntity, { id });
    if (!run) throw runNotFound({ id });
    return run;
  }

  /** Runs whose model and dataset the credential may touch: newest first, or in the order that the query names. */
  async list(query: RunsQuery, credential: Credential): Promise<Page<RunEntity>> {
    return this.search.list(query, credential);
  }

  async findActive(pipelineName: string): Promise<RunEntity | null> {
    return this.transactions.manager.findOneBy(RunEntity, { pipelineName, status: In(['queued', 'running']) });
  }

  async findLast(pipelineName: string): Promise<RunEntity | null> {
    return this.transactions.manager.findOne(RunEntity, { where: { pipelineName }, order: { id: 'DESC' } });
  }

  async findLastSucceeded(pipelineName: string): Promise<RunEntity | null> {
    return this.transactions.manager.findOne(RunEntity, { where: { pipelineName, status: 'succeeded' }, order: { id: 'DESC' } });
  }

  /** Stops a run. A running trainer is killed when its executor next renews the lease, within seconds. */
  async cancel(id: string, cancelledBy: string, reason: string): Promise<RunEntity> {
    return this.transactions.run(async (manager) => {
      const run = await manager.findOne(RunEntity, { where: { id }, lock: { mode: 'pessimistic_write' } });
      if (!run) throw runNotFound({ id });
      if (!mayMove(run.status, 'cancelled')) throw runEnded({ id, status: run.status });
      const { pipelineName, modelName } = run;
      const lastEventId = await this.outbox.publish({
        definition: runCancelled,
        data: { runId: id, pipelineName, modelName, ...datasetsOf(run), cancelledBy, reason },
        causationId: run.lastEventId,
        correlationId: run.correlationId,
      });
      const ended = {
        status: 'cancelled' as const,
        reason,
        lastEventId,
        leaseOwner: null,
        leaseExpiresAt: null,
        finishedAt: this.clock.now(),
      };
      await chargeAttempt(manager, id);
      await manager.update(RunEntity, { id }, ended);
      await this.events.append(id, [{ kind: 'state', attempt: run.attempt, data: { status: 'cancelled', reason } }]);
      return Object.assign(run, ended);
    });
  }
}

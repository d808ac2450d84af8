import { type Credential, likePatterns, requireDataset } from '@bascule/access';
import { entityName } from '@bascule/contracts';
import { Transactions } from '@bascule/database';
import { Clock, decodeCursor, Logger, Metrics, type Page, type PageQuery, pageOf } from '@bascule/platform';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { ContractsService } from '../contracts/contracts.service.js';
import { sourceExists, sourceNotFound } from '../errors.js';
import { SourceBuckets } from './bucket.runtime.js';
import { SourceFolders } from './folder.runtime.js';
import { type Pulled, PullsService } from './pulls.service.js';
import { nextRunSeconds } from './schedule.js';
import { SourceEntity } from './source.entity.js';
import { type SourceTrouble, SourceTroubles } from './source-troubles.queries.js';
import type { SourceBody } from './sources.schema.js';
import { SourceTables } from './table.runtime.js';

/** Places that records are pulled from, on a schedule or on request. */
@Injectable()
export class SourcesService {
  constructor(
    private readonly transactions: Transactions,
    private readonly contracts: ContractsService,
    private readonly pulls: PullsService,
    private readonly troubles: SourceTroubles,
    private readonly tables: SourceTables,
    private readonly folders: SourceFolders,
    private readonly buckets: SourceBuckets,
    private readonly clock: Clock,
    private readonly log: Logger,
    private readonly metrics: Metrics,
  ) {}

  async create(body: SourceBody, credential: Credential): Promise<SourceEntity> {
    requireDataset(credential, body.datasetName);
    await this.contracts.get(body.contractName);
    if (body.settings.kind === 'postgres') this.tables.check(body.settings);
    else if (body.settings.kind === 's3') this.buckets.check(body.settings);
    else this.folders.check(body.settings);
    const { manager } = this.transactions;
    const now = this.clock.now();
    const facts = { ...body, isPaused: false, watermark: null, lastRunAt: null, lastBatchId: null, failures: 0, lastError: null };
    const source = manager.create(SourceEntity, { ...facts, nextRunAt: now, createdBy: credential.identity, createdAt: now });
    const { raw } = await manager.createQueryBuilder().insert().into(SourceEntity).values(source).orIgnore().returning('name').execute();
    if ((raw as unknown[]).length === 0) throw sourceExists({ source: body.name });
    return source;
  }

  async get(name: string, credential: Credential): Promise<SourceEntity> {
    const source = await this.transactions.manager.findOneBy(SourceEntity, { name });
    if (!source) throw sourceNotFound({ source: name });
    requireDataset(credential, source.datasetName);
    return source;
  }

  /** Sources of datasets the credential may touch, by name. */
  async list({ limit, cursor }: PageQuery, { datasets }: Credential): Promise<Page<SourceEntity>> {
    const after = cursor === undefined ? '' : decodeCursor(cursor, entityName);
    const rows = await this.transactions.manager
      .createQueryBuilder(SourceEntity, 'source')
      .where('source.name > :after and source.dataset_name like any(:patterns)', { after, patterns: likePatterns(datasets) })
      .orderBy('source.name')
      .limit(limit + 1)
      .getMany();
    return pageOf(rows, limit, ({ name }) => name);
  }

  /** Lets the schedule rest, or go on at once. */
  async setPaused(name: string, isPaused: boolean, credential: Credential): Promise<SourceEntity> {
    const source = await this.get(name, credential);
    const change = { isPaused, nextRunAt: isPaused ? source.nextRunAt : this.clock.now() };
    await this.transactions.manager.update(SourceEntity, { name }, change);
    return { ...source, ...change };
  }

  /** Runs a source now, whether it rests or not. */
  async runNow(name: string, credential: Credential): Promise<Pulled> {
    return this.run(await this.get(name, credential));
  }

  /** Files of a source that could not be read, by path. */
  async troublesOf(name: string, { limit, cursor }: PageQuery, credential: Credential): Promise<Page<SourceTrouble>> {
    await this.get(name, credential);
    const after = cursor === undefined ? '' : decodeCursor(cursor, z.string());
    return pageOf(await this.troubles.list(name, after, limit + 1), limit, ({ path }) => path);
  }

  /** Forgets how often files failed, so that those given up are tried again by the next run. @returns of how many */
  async retryTroubles(name: string, credential: Credential): Promise<number> {
    await this.get(name, credential);
    return this.troubles.forget(name);
  }

  /** Runs the sources that are due, each by one replica. */
  async runDue(): Promise<void> {
    for (;;) {
      const source = await this.claimDue();
      if (!source) return;
      await this.run(source).catch((error: unknown) => this.log.warn({ err: error, source: source.name }, 'nothing could be pulled'));
    }
  }

  private async claimDue(): Promise<SourceEntity | undefined> {
    return this.transactions.run(async (manager) => {
      const now = this.clock.now();
      const source = await manager
        .createQueryBuilder(SourceEntity, 'source')
        .where('not source.is_paused and source.next_run_at <= :now', { now })
        .orderBy('source.next_run_at')
        .setLock('pessimistic_write')
        .setOnLocked('skip_locked')
        .getOne();
      if (!source) return undefined;
      await manager.update(SourceEntity, { name: source.name }, { nextRunAt: later(now, source.everySeconds) });
      return source;
    });
  }

  private async run(source: SourceEntity): Promise<Pulled> {
    const { manager } = this.transactions;
    const { name, everySeconds } = source;
    const pulls = this.metrics.counter('ingestion_pulls_total', 'Pulls of sources by outcome');
    try {
      const pulled = await this.pulls.pull(source);
      const lastError = pulled.trouble?.slice(0, 1000) ?? null;
      await manager.update(SourceEntity, { name }, { lastRunAt: this.clock.now(), failures: 0, lastError });
      pulls.add(1, { source: name, outcome: 'succeeded' });
      return pulled;
    } catch (error) {
      const failures = source.failures + 1;
      const lastError = (error as Error).message.slice(0, 1000);
      const now = this.clock.now();
      await manager.update(
        SourceEntity,
        { name },
        { lastRunAt: now, failures, lastError, nextRunAt: later(now, nextRunSeconds(everySeconds, failures)) },
      );
      pulls.add(1, { source: name, outcome: 'failed' });
      throw error;
    }
  }
}

function later(from: Date, seconds: number): Date {
  return new Date(from.getTime() + seconds * 1000);
}

import { Transactions } from '@bascule/database';
import { Clock, CONFIG, eachInTurn, Logger, RepeatedWork } from '@bascule/platform';
import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { IsNull, LessThanOrEqual } from 'typeorm';
import type { Config } from '../config.js';
import { DatasetVersionEntity } from '../datasets/dataset-version.entity.js';
import { DatasetsService } from '../datasets/datasets.service.js';
import { ObjectHolds } from '../datasets/object-holds.service.js';
import { ErasureEntity } from './erasure.entity.js';
import { Leftovers } from './leftovers.queries.js';

/** Removes the objects that erased records lie in, once their time is over. Manifests stay: what they prove about the rest holds. */
@Injectable()
export class RemoveErasedJob implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly repeated = new RepeatedWork(
    () => this.run(),
    (error) => this.log.warn({ err: error }, 'erased records were not removed'),
  );

  constructor(
    private readonly transactions: Transactions,
    private readonly holds: ObjectHolds,
    private readonly datasets: DatasetsService,
    private readonly leftovers: Leftovers,
    private readonly clock: Clock,
    private readonly log: Logger,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  onApplicationBootstrap(): void {
    this.repeated.start(this.config.ERASURES_INTERVAL_MS);
  }

  async onModuleDestroy(): Promise<void> {
    await this.repeated.stop();
  }

  private async run(): Promise<void> {
    const due = await this.transactions.manager.find(ErasureEntity, {
      where: { removedAt: IsNull(), removalDueAt: LessThanOrEqual(this.clock.now()) },
      order: { removalDueAt: 'ASC' },
      take: 20,
    });
    await eachInTurn(due, (erasure) => this.remove(erasure));
  }

  /** Removing twice does no harm: a process that dies half-way leaves the rest to the next. */
  private async remove({ id, datasetName, objects, affectedVersions, erasedAt }: ErasureEntity): Promise<void> {
    // parts are named by their content: another dataset may have the same
    const inParts = new Set<string>();
    const seen = new Set<string>();
    const inUse = async (digests: readonly string[]) => {
      for (const version of await this.leftovers.otherVersions(affectedVersions)) {
        if (seen.has(version)) continue;
        for (const { digest } of (await this.datasets.manifestOf(version)).parts) inParts.add(digest);
        seen.add(version);
      }
      const needed = await this.leftovers.neededContents(datasetName, erasedAt, digests);
      return new Set(digests.filter((digest) => inParts.has(digest) || needed.has(digest)));
    };
    // before anything is locked: most versions are read here
    await inUse([]);
    const due = [...new Set([...objects, ...(await this.leftovers.profilesOf(affectedVersions))])];
    const removed = await this.holds.remove(due, inUse);
    await this.transactions.run(async (manager) => {
      for (const version of affectedVersions) await manager.update(DatasetVersionEntity, { datasetName, version }, { profileDigest: null });
      await manager.update(ErasureEntity, { id }, { removedAt: this.clock.now() });
    });
    this.log.info({ erasureId: id, datasetName, objects: removed, kept: due.length - removed }, 'erased records were removed');
  }
}

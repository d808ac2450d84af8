import { CONFIG, Logger, Metrics, RepeatedWork } from '@bascule/platform';
import { ObjectStore } from '@bascule/storage';
import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { Config } from '../config.js';
import { ObjectHolds } from '../datasets/object-holds.service.js';
import { NeededObjects } from './needed-objects.queries.js';
import { UnusedObjects } from './unused-objects.queries.js';

const atOnce = 500;
/** Clocks of replicas, of the database and of the store may differ by so much. */
const slackMs = 60_000;
const hourMs = 3_600_000;

/**
 * Removes what was stored and never taken into use: parts and manifests of publications that were rolled back or killed, contents of
 * batches that were refused. Only what this service stored first is ever looked at, because the store also holds what others need; what
 * anybody stored again later stays.
 */
@Injectable()
export class CollectObjectsJob implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly repeated = new RepeatedWork(
    () => this.run(),
    (error) => this.log.warn({ err: error }, 'unused objects were not removed'),
  );

  constructor(
    private readonly unused: UnusedObjects,
    private readonly needed: NeededObjects,
    private readonly holds: ObjectHolds,
    private readonly store: ObjectStore,
    private readonly log: Logger,
    private readonly metrics: Metrics,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  onApplicationBootstrap(): void {
    this.repeated.start(this.config.UNUSED_OBJECTS_INTERVAL_MS);
  }

  async onModuleDestroy(): Promise<void> {
    await this.repeated.stop();
  }

  private async run(): Promise<void> {
    const { UNUSED_OBJECTS_HOURS: hours } = this.config;
    const due = await this.unused.before(hours, atOnce);
    if (due.length === 0) return;
    const digests = due.map(({ digest }) => digest);
    const first = new Map(due.map(({ digest, firstStoredAt }) => [digest, firstStoredAt.getTime()]));
    const since = new Date(Math.min(...first.values()) - hourMs);
    const seen = new Set<string>();
    const inParts = new Set<string>();
    const inUse = async (group: readonly string[]) => {
      const still = await this.unused.stillBefore(hours, group);
      const named = await this.needed.named(group);
      await this.needed.addParts(since, seen, inParts);
      const used = group.filter((digest) => !still.has(digest) || named.has(digest) || inParts.has(digest));
      return new Set([...used, ...(await this.storedAgain(group, first))]);
    };
    // before anything is locked: most manifests are read here
    await this.needed.addParts(since, seen, inParts);
    const removed = await this.holds.remove(digests, inUse);
    await this.unused.forget(hours, digests);
    if (removed > 0) this.metrics.counter('ingestion_removed_objects_total', 'Stored objects that nothing took into use').add(removed);
    this.log.info({ objects: removed, kept: digests.length - removed }, 'unused objects were removed');
  }

  /** Those that somebody stored after they were put on record: another service may need them now. */
  private async storedAgain(digests: readonly string[], first: ReadonlyMap<string, number>): Promise<string[]> {
    const again: string[] = [];
    for (const digest of digests) {
      const at = await this.store.storedAt(digest);
      if (at !== undefined && at.getTime() > first.get(digest)! + slackMs) again.push(digest);
    }
    return again;
  }
}

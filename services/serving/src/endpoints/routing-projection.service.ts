import { buckets, type RoutingEntry, routingEntry } from '@bascule/contracts';
import { Transactions } from '@bascule/database';
import { NATS, type NatsConnectionHolder } from '@bascule/messaging';
import { Clock, Logger } from '@bascule/platform';
import { StorageType } from '@nats-io/jetstream';
import type { KV } from '@nats-io/kv';
import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Endpoint, servedVersions } from './endpoint.entity.js';
import { RoutingChange, routingChangeOf } from './routing-change.entity.js';

const everyMs = 2_000;
const maxBytes = 16 * 1024 * 1024;

/**
 * Writes the routing table from the endpoints: after each commit, at start, after a reconnect and every few seconds, so
 * that a lost write heals. Each write names the revision it replaces, so replicas cannot overwrite what is newer.
 */
@Injectable()
export class RoutingProjection implements OnApplicationBootstrap, OnApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private isRunning = false;
  private isStale = false;

  constructor(
    @Inject(NATS) private readonly connection: NatsConnectionHolder,
    private readonly transactions: Transactions,
    private readonly clock: Clock,
    private readonly log: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.connection.onReconnect(() => void this.project());
    this.timer = setInterval(() => void this.project(), everyMs);
    void this.project();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  /** Brings the routing table up to the endpoints; never throws, the next turn tries again. */
  async project(): Promise<void> {
    this.isStale = true;
    if (this.isRunning) return;
    this.isRunning = true;
    try {
      while (this.isStale && this.connection.isConnected) {
        this.isStale = false;
        await this.projectAll();
      }
    } catch (error) {
      this.log.warn({ err: error }, 'routing table not written; tried again');
    } finally {
      this.isRunning = false;
    }
  }

  private async projectAll(): Promise<void> {
    const endpoints = await this.transactions.manager.find(Endpoint);
    const written = endpoints.filter(({ revision }) => revision > 0);
    if (written.length === 0) return;
    const kv = await this.connection.kvm.create(buckets.routing, { history: 1, storage: StorageType.File, max_bytes: maxBytes });
    for (const endpoint of written) await this.projectOne(kv, endpoint);
  }

  private async projectOne(kv: KV, { modelName, environment }: Endpoint): Promise<void> {
    const key = environment === 'production' ? modelName : `${environment}/${modelName}`;
    const present = await kv.get(key);
    const shown = present?.operation === 'PUT' ? entryOf(present.string()) : undefined;
    // read after the entry it is compared with: an entry follows its commit, so it is ahead only of a restored database
    const endpoint = await this.transactions.manager.findOneByOrFail(Endpoint, { modelName, environment });
    const updatedAt = endpoint.updatedAt.toISOString();
    if (shown?.revision === endpoint.revision && shown.updatedAt === updatedAt) return;
    if (shown && shown.revision >= endpoint.revision) {
      await this.overtake(endpoint, shown.revision);
      return;
    }
    const { revision, rolloutId, rolloutStep, capture } = endpoint;
    const versions = servedVersions(endpoint);
    const rollout = { rolloutId, ...(rolloutStep === null ? {} : { rolloutStep }) };
    const entry: RoutingEntry = { modelName, environment, revision, ...rollout, versions, ...(capture ? { capture } : {}), updatedAt };
    const bytes = JSON.stringify(entry);
    // a conflict means that another replica was faster; the next turn compares again
    if (present && present.operation === 'PUT') await kv.update(key, bytes, present.revision);
    else await kv.create(key, bytes);
  }

  /** A database that was restored from a backup is the truth again: its endpoint gets a revision past the one gateways have seen. */
  private async overtake({ modelName, environment, revision: seen }: Endpoint, shown: number): Promise<void> {
    await this.transactions.run(async (manager) => {
      const endpoint = await manager.findOneOrFail(Endpoint, { where: { modelName, environment }, lock: { mode: 'pessimistic_write' } });
      if (endpoint.revision !== seen) return;
      endpoint.revision = shown + 1;
      await manager.save(Endpoint, endpoint);
      await manager.insert(RoutingChange, routingChangeOf(endpoint, this.clock.now()));
    });
    this.isStale = true;
    this.log.warn(
      { modelName, environment, revision: shown + 1 },
      'the database is behind the routing table, as after a restore; it is followed',
    );
  }
}

function entryOf(text: string): RoutingEntry | undefined {
  try {
    return routingEntry.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

import { buckets, type RoutingEntry, routingEntry } from '@bascule/contracts';
import { Transactions } from '@bascule/database';
import { NATS, type NatsConnectionHolder } from '@bascule/messaging';
import { Logger } from '@bascule/platform';
import { StorageType } from '@nats-io/jetstream';
import type { KV } from '@nats-io/kv';
import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Endpoint } from './endpoint.entity.js';

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
    for (const endpoint of written) await projectOne(kv, endpoint);
  }
}

async function projectOne(kv: KV, endpoint: Endpoint): Promise<void> {
  const { modelName, environment, revision, rolloutId, versions } = endpoint;
  const key = environment === 'production' ? modelName : `${environment}/${modelName}`;
  const present = await kv.get(key);
  if (present && present.operation === 'PUT' && revisionOf(present.string()) >= revision) return;
  const entry: RoutingEntry = { modelName, environment, revision, rolloutId, versions, updatedAt: endpoint.updatedAt.toISOString() };
  const bytes = JSON.stringify(entry);
  // a conflict means that another replica was faster; the next turn compares again
  if (present && present.operation === 'PUT') await kv.update(key, bytes, present.revision);
  else await kv.create(key, bytes);
}

function revisionOf(text: string): number {
  try {
    return routingEntry.parse(JSON.parse(text)).revision;
  } catch {
    return 0;
  }
}

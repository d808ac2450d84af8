import { apiErrorCode, isStreamFull, isUnsendable, NATS, NatsConnectionHolder, Publisher } from '@bascule/messaging';
import { HealthRegistry, LOGGER, Logger, Metrics } from '@bascule/platform';
import { type BeforeApplicationShutdown, Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { BlockedTargets } from './blocked-targets.js';
import { LeaderSession } from './leader-session.js';
import {
  type Backlog,
  markSent,
  type OutboxRow,
  pruneSent,
  readBacklog,
  resendRetained,
  type SentRow,
  unsentRows,
} from './outbox.queries.js';
import { type FailureReach, sendInOrder } from './send-in-order.js';
import { OUTBOX_OPTIONS, type OutboxOptions } from './settings.js';
import { WakeUp } from './wake-up.js';

const batchSize = 64;
const pollMs = 1000;
const tryLeadMs = 500;
const longestBacklogMs = 60_000;

/** Brings committed events to their streams, in order. One relay leads per schema; the others wait for its place. */
@Injectable()
export class Relay implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly wakeUp = new WakeUp();
  private readonly blocked = new BlockedTargets();
  private backlog: Backlog = { unsent: 0, oldestAgeMs: 0 };
  private isStopping = false;
  private isLeading = false;
  private loop: Promise<void> = Promise.resolve();

  constructor(
    private readonly dataSource: DataSource,
    private readonly publisher: Publisher,
    @Inject(NATS) private readonly connection: NatsConnectionHolder,
    @Inject(OUTBOX_OPTIONS) private readonly options: OutboxOptions,
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly health: HealthRegistry,
    private readonly metrics: Metrics,
  ) {}

  onApplicationBootstrap(): void {
    this.metrics.gauge('bascule_outbox_backlog', 'Events committed and not yet in their stream', () => this.backlog.unsent);
    this.metrics.gauge('bascule_outbox_oldest_age_seconds', 'Age of the oldest of them', () => this.backlog.oldestAgeMs / 1000);
    this.metrics.gauge('bascule_outbox_leading', '1 on the replica whose relay is active', () => (this.isLeading ? 1 : 0));
    this.health.register('outbox', async () => ({ critical: false, ...this.condition() }));
    this.connection.onReconnect(() => this.wakeUp.wake());
    this.loop = this.run();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.isStopping = true;
    this.wakeUp.wake();
    await this.loop;
  }

  private condition(): { ok: boolean; detail?: string } {
    const streams = this.blocked.refusing();
    if (streams.length > 0) return { ok: false, detail: `full: ${streams.join(', ')}; ${this.backlog.unsent} events wait` };
    if (this.backlog.oldestAgeMs > longestBacklogMs) return { ok: false, detail: `${this.backlog.unsent} events wait` };
    return { ok: true };
  }

  private async run(): Promise<void> {
    while (!this.isStopping) {
      try {
        const session = await LeaderSession.tryAcquire(this.dataSource, () => this.wakeUp.wake(), this.options.leaderSilenceMs);
        if (session) await this.lead(session);
      } catch (error) {
        this.logger.warn({ err: error }, 'outbox relay interrupted');
      }
      if (!this.isStopping) await this.wakeUp.wait(tryLeadMs);
    }
  }

  private async lead(session: LeaderSession): Promise<void> {
    this.logger.info('outbox relay leads');
    this.isLeading = true;
    // nobody may have watched NATS while there was no leader: what is retained is sent once more
    let resentEpoch = -1;
    try {
      while (!this.isStopping) {
        const { epoch } = this.connection;
        if (epoch !== resentEpoch) await resendRetained(session.query);
        resentEpoch = epoch;
        const sentCount = this.connection.isConnected ? await this.sendBatch(session, epoch) : 0;
        if (sentCount === batchSize) continue;
        this.backlog = await readBacklog(session.query);
        if (sentCount > 0) continue;
        if (await this.isSameServer(epoch)) await pruneSent(session.query);
        await this.wakeUp.wait(pollMs);
      }
    } finally {
      this.isLeading = false;
      await session.release();
    }
  }

  private async sendBatch(session: LeaderSession, epoch: number): Promise<number> {
    const rows = await unsentRows(session.query, batchSize, { streams: this.blocked.streams(), entities: this.blocked.entities() });
    if (rows.length === 0) return 0;
    const results = await sendInOrder(rows, (row) => this.publisher.publishEncoded(row), reachOf);
    const sent: SentRow[] = [];
    for (const result of results) {
      if ('ack' in result) {
        sent.push({ position: result.row.position, sequence: result.ack.seq, duplicate: result.ack.duplicate });
        this.blocked.release(result.row);
      } else {
        this.onFailure(result.row, result.error);
      }
    }
    // an ack from before a reconnect promises nothing about the server we talk to now
    if (this.connection.epoch !== epoch) return 0;
    await markSent(session.query, sent, this.options.resendWindowMs);
    return sent.length;
  }

  private onFailure(row: OutboxRow, error: unknown): void {
    const reach = reachOf(error);
    this.blocked.block(row, reach);
    this.logger.warn({ subject: row.subject, stream: row.stream, reach, err: error }, 'event not published, trying again');
  }

  private async isSameServer(epoch: number): Promise<boolean> {
    if (!this.connection.isConnected) return false;
    try {
      await this.connection.nc.rtt();
    } catch {
      return false;
    }
    return this.connection.epoch === epoch;
  }
}

function reachOf(error: unknown): FailureReach {
  if (isStreamFull(error)) return 'stream';
  // its own fault, as after the server's limit was lowered: the events behind it must not wait for it
  if (isUnsendable(error)) return 'entity';
  return apiErrorCode(error) === undefined ? 'connection' : 'entity';
}

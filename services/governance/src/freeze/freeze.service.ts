import { isDeepStrictEqual } from 'node:util';
import { buckets, type FreezeState, freezeKey, freezeState, loopFrozen, loopUnfrozen } from '@bascule/contracts';
import { Transactions } from '@bascule/database';
import { KvWatch, KvWriter, NATS, type NatsConnectionHolder } from '@bascule/messaging';
import { Outbox } from '@bascule/outbox';
import { Clock, Logger } from '@bascule/platform';
import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { FreezeSwitchRow } from './freeze-switch.entity.js';

// any number, the same in every replica
const projectionLock = 7_201_003;

/** The switch that stops retraining, promotion and rollout. The table is the truth; the bucket is what every service sees. */
@Injectable()
export class FreezeService implements OnModuleInit, OnModuleDestroy {
  private readonly writer: KvWriter;
  private readonly seen: KvWatch<FreezeState>;

  constructor(
    @Inject(NATS) connection: NatsConnectionHolder,
    private readonly transactions: Transactions,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
    private readonly log: Logger,
  ) {
    this.writer = new KvWriter(connection);
    this.seen = new KvWatch(connection, buckets.control, freezeState);
  }

  async onModuleInit(): Promise<void> {
    await this.seen.start();
    // a restarted NATS may have lost the last change: it comes back at once, not at the next comparison
    this.seen.onChange(() => void this.restore());
  }

  onModuleDestroy(): void {
    this.seen.stop();
  }

  async state(): Promise<FreezeState> {
    const { frozen, changedBy, reason, since } = await this.transactions.manager.findOneByOrFail(FreezeSwitchRow, { id: 'loop' });
    return { frozen, by: changedBy, reason, since: since.toISOString() };
  }

  /** Throws the switch; when it is in that state already, it stays as it is, with the first person's reason. */
  async set(frozen: boolean, by: string, reason: string): Promise<FreezeState> {
    return this.transactions.run(async (manager) => {
      const row = await manager.findOneOrFail(FreezeSwitchRow, { where: { id: 'loop' }, lock: { mode: 'pessimistic_write' } });
      if (row.frozen === frozen) return this.state();
      await manager.update(FreezeSwitchRow, { id: 'loop' }, { frozen, changedBy: by, reason, since: this.clock.now() });
      await this.outbox.publish({ definition: frozen ? loopFrozen : loopUnfrozen, data: { switchId: 'loop', by, reason } });
      this.transactions.afterCommit(() => this.projectOrRetryLater());
      return this.state();
    });
  }

  /** Writes the state to the bucket unless the bucket shows it. */
  async projectDifference(): Promise<void> {
    if (!isDeepStrictEqual(this.seen.get(freezeKey), await this.state())) await this.project();
  }

  private async project(): Promise<void> {
    await this.transactions.run(async (manager) => {
      await manager.query('SELECT pg_advisory_xact_lock($1)', [projectionLock]);
      await this.writer.put(buckets.control, freezeKey, await this.state());
    });
  }

  private async restore(): Promise<void> {
    try {
      await this.projectDifference();
    } catch (error) {
      this.log.warn({ err: error }, 'the switch was not compared with the bucket; it is tried again');
    }
  }

  private async projectOrRetryLater(): Promise<void> {
    try {
      await this.project();
    } catch (error) {
      this.log.warn({ err: error }, 'the switch is stored but not yet seen by the other services; it is tried again');
    }
  }
}

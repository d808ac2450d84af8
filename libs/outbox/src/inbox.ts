import { Transactions } from '@bascule/database';
import type { EventContext, HandlerScope } from '@bascule/messaging';
import { LOGGER, Logger } from '@bascule/platform';
import { type BeforeApplicationShutdown, Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { eventDay } from './event-day.js';
import { OUTBOX_OPTIONS, type OutboxOptions } from './settings.js';

const maintainIntervalMs = 3_600_000;

/**
 * Remembers which consumer handled which event, in the transaction of the handler itself.
 *
 * The table is partitioned by day so that old ids are dropped, not deleted. PostgreSQL can only promise uniqueness
 * within a partition, so the day is taken from the event id (UUIDv7), not from the clock: the same event always
 * falls into the same partition. Concurrent deliveries of one event wait for each other on the primary key.
 */
@Injectable()
export class Inbox implements HandlerScope, OnApplicationBootstrap, BeforeApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly transactions: Transactions,
    private readonly dataSource: DataSource,
    @Inject(OUTBOX_OPTIONS) private readonly options: OutboxOptions,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async run(eventId: string, consumer: string, _context: EventContext, work: () => Promise<void>): Promise<'handled' | 'duplicate'> {
    return this.transactions.run(async (manager) => {
      const inserted = (await manager.query(
        'insert into inbox (event_day, consumer, event_id) values ($1, $2, $3) on conflict do nothing returning 1 as fresh',
        [eventDay(eventId), consumer, eventId],
      )) as unknown[];
      if (inserted.length === 0) return 'duplicate';
      await work();
      return 'handled';
    });
  }

  async runTogether(
    eventIds: readonly string[],
    consumer: string,
    work: (fresh: ReadonlySet<string>) => Promise<void>,
  ): Promise<ReadonlySet<string>> {
    return this.transactions.run(async (manager) => {
      const inserted = (await manager.query(
        `insert into inbox (event_day, consumer, event_id) select day, $2, id from unnest($1::date[], $3::text[]) as given (day, id)
         on conflict do nothing returning event_id`,
        [eventIds.map(eventDay), consumer, eventIds],
      )) as { event_id: string }[];
      const fresh = new Set(inserted.map((row) => row.event_id));
      if (fresh.size > 0) await work(fresh);
      return fresh;
    });
  }

  onApplicationBootstrap(): void {
    void this.maintain();
    this.timer = setInterval(() => void this.maintain(), maintainIntervalMs).unref();
  }

  beforeApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  /** Makes the partitions of the coming days and drops those past their time. */
  async maintain(): Promise<void> {
    try {
      await this.dataSource.query('select maintain_inbox($1)', [this.options.inboxKeepDays]);
    } catch (error) {
      // without its partition a day's ids go to inbox_other: correct, only slower to drop
      this.logger.warn({ err: error }, 'inbox partitions not maintained');
    }
  }
}

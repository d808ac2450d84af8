import { Transactions } from '@bascule/database';
import { Clock, CONFIG, eachInTurn, Logger } from '@bascule/platform';
import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { Config } from '../config.js';
import { PipelinesService } from '../pipelines/pipelines.service.js';
import { dueTimes } from '../schedules/schedule.js';
import { SchedulesService } from '../schedules/schedules.service.js';
import { TriggersService } from './triggers.service.js';

/** Weighs pipelines whose time has come. Every replica looks; the row lock and the claimed time let one of them decide. */
@Injectable()
export class ScheduleJob implements OnApplicationBootstrap, OnModuleDestroy {
  private timer: NodeJS.Timeout | undefined;
  private working: Promise<void> = Promise.resolve();
  private isStopping = false;

  constructor(
    private readonly transactions: Transactions,
    private readonly schedules: SchedulesService,
    private readonly pipelines: PipelinesService,
    private readonly triggers: TriggersService,
    private readonly clock: Clock,
    private readonly log: Logger,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  onApplicationBootstrap(): void {
    this.wait();
  }

  async onModuleDestroy(): Promise<void> {
    this.isStopping = true;
    clearTimeout(this.timer);
    await this.working;
  }

  private wait(): void {
    if (this.isStopping) return;
    this.timer = setTimeout(() => {
      this.working = this.fireDue();
    }, this.config.SCHEDULE_POLL_MS).unref();
  }

  private async fireDue(): Promise<void> {
    try {
      await eachInTurn(await this.schedules.listDue(), (name) => this.fire(name));
    } catch (error) {
      this.log.warn({ err: error }, 'schedules were not looked at');
    }
    this.wait();
  }

  /** Claims, decides, records and moves on in one transaction: what is not committed is due again. */
  private async fire(name: string): Promise<void> {
    await this.transactions.run(async () => {
      const pipeline = await this.pipelines.lock(name);
      const schedule = pipeline?.triggers.schedule;
      const dueAt = (await this.schedules.nextFires([name])).get(name);
      const now = this.clock.now();
      if (!pipeline || !schedule || !dueAt || dueAt > now) return;
      const { fires, skipped, next } = dueTimes(schedule, dueAt, now);
      if (skipped) await this.triggers.holdMissed(pipeline, skipped);
      for (const nominalAt of fires) {
        if (await this.schedules.claim(name, nominalAt)) await this.triggers.weighFire(pipeline, nominalAt);
      }
      await this.schedules.moveTo(name, next);
    });
  }
}

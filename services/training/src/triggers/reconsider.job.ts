import { FreezeSwitch } from '@bascule/access';
import { Logger } from '@bascule/platform';
import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { TriggersService } from './triggers.service.js';

const everyMs = 2_000;

/** Weighs held causes again from time to time: a cooldown ends, a run ends, and no event says so. */
@Injectable()
export class ReconsiderJob implements OnApplicationBootstrap, OnModuleDestroy {
  private timer: NodeJS.Timeout | undefined;
  private working: Promise<void> = Promise.resolve();
  private isStopping = false;

  constructor(
    private readonly triggers: TriggersService,
    private readonly freeze: FreezeSwitch,
    private readonly log: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.freeze.onChange(() => this.schedule(0, () => this.triggers.weighAllPending()));
    this.schedule(everyMs);
  }

  async onModuleDestroy(): Promise<void> {
    this.isStopping = true;
    clearTimeout(this.timer);
    await this.working;
  }

  private schedule(delayMs: number, weigh = () => this.triggers.weighLongestPending()): void {
    if (this.isStopping) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.working = this.work(weigh);
    }, delayMs).unref();
  }

  private async work(weigh: () => Promise<void>): Promise<void> {
    try {
      await weigh();
    } catch (error) {
      this.log.warn({ err: error }, 'held causes were not weighed');
    }
    this.schedule(everyMs);
  }
}

import { CONFIG, Logger } from '@bascule/platform';
import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { Config } from '../config.js';
import { CheckpointsService } from './checkpoints.service.js';

/** Signs a log that grew, every few seconds. */
@Injectable()
export class CheckpointJob implements OnApplicationBootstrap, OnModuleDestroy {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;

  constructor(
    private readonly checkpoints: CheckpointsService,
    private readonly log: Logger,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => {
      this.running ??= this.sign().finally(() => (this.running = undefined));
    }, this.config.CHECKPOINT_INTERVAL_MS);
  }

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.timer);
    await this.running;
  }

  private async sign(): Promise<void> {
    try {
      await this.checkpoints.signIfGrown();
    } catch (error) {
      this.log.warn({ err: error }, 'the log was not signed; it is tried again');
    }
  }
}

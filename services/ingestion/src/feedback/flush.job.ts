import { CONFIG, Logger } from '@bascule/platform';
import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { Config } from '../config.js';
import { FeedbackService } from './feedback.service.js';

/** Looks regularly whether labelled rows are due; replicas take turns by a lock. */
@Injectable()
export class FlushJob implements OnApplicationBootstrap, OnModuleDestroy {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;

  constructor(
    private readonly feedback: FeedbackService,
    private readonly log: Logger,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => {
      this.running ??= this.flush().finally(() => {
        this.running = undefined;
      });
    }, this.config.FEEDBACK_INTERVAL_MS);
  }

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.timer);
    await this.running;
  }

  private async flush(): Promise<void> {
    try {
      await this.feedback.flushDue();
    } catch (error) {
      this.log.warn({ err: error }, 'labelled rows could not be turned into a batch; they wait');
    }
  }
}

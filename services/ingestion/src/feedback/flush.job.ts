import { CONFIG, Logger, RepeatedWork } from '@bascule/platform';
import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { Config } from '../config.js';
import { FeedbackService } from './feedback.service.js';

/** Looks regularly whether labelled rows are due; replicas take turns by a lock. */
@Injectable()
export class FlushJob implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly repeated = new RepeatedWork(
    () => this.feedback.flushDue(),
    (error) => this.log.warn({ err: error }, 'labelled rows could not be turned into a batch; they wait'),
  );

  constructor(
    private readonly feedback: FeedbackService,
    private readonly log: Logger,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  onApplicationBootstrap(): void {
    this.repeated.start(this.config.FEEDBACK_INTERVAL_MS);
  }

  async onModuleDestroy(): Promise<void> {
    await this.repeated.stop();
  }
}

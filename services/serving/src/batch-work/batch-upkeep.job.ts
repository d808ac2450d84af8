import { CONFIG, Logger, RepeatedWork } from '@bascule/platform';
import { type BeforeApplicationShutdown, Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { BatchCleaning } from '../batch-results/batch-cleaning.service.js';
import type { Config } from '../config.js';
import { BatchOversight } from './batch-oversight.service.js';

const longestPauseMs = 5_000;

/** Looks after batch jobs from time to time: pieces that got lost, and what ended jobs leave behind. */
@Injectable()
export class BatchUpkeepJob implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly repeated = new RepeatedWork(
    () => this.look(),
    (error) => this.log.warn({ err: error }, 'batch jobs not looked after; tried again'),
  );

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly oversight: BatchOversight,
    private readonly cleaning: BatchCleaning,
    private readonly log: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.repeated.start(Math.min(longestPauseMs, this.config.BATCH_LEASE_MS));
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.repeated.stop();
  }

  private async look(): Promise<void> {
    await this.oversight.recoverPieces();
    await this.cleaning.clean();
  }
}

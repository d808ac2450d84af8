import { CONFIG, Logger, RepeatedWork } from '@bascule/platform';
import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { Config } from '../config.js';
import { CheckpointsService } from './checkpoints.service.js';

/** Signs a log that grew, every few seconds. */
@Injectable()
export class CheckpointJob implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly repeated = new RepeatedWork(
    () => this.checkpoints.signIfGrown(),
    (error) => this.log.warn({ err: error }, 'the log was not signed; it is tried again'),
  );

  constructor(
    private readonly checkpoints: CheckpointsService,
    private readonly log: Logger,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  onApplicationBootstrap(): void {
    this.repeated.start(this.config.CHECKPOINT_INTERVAL_MS);
  }

  async onModuleDestroy(): Promise<void> {
    await this.repeated.stop();
  }
}

import { CONFIG, Logger, RepeatedWork } from '@bascule/platform';
import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { Config } from '../config.js';
import { FreezeService } from './freeze.service.js';

/** Shows the switch to the other services at start, and again whenever the bucket lost it. */
@Injectable()
export class FreezeProjectionJob implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly repeated = new RepeatedWork(
    () => this.freeze.projectDifference(),
    (error) => this.log.warn({ err: error }, 'the switch was not compared with the bucket; it is tried again'),
  );

  constructor(
    private readonly freeze: FreezeService,
    private readonly log: Logger,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.freeze.projectDifference();
    // a second at most: the switch must be seen within one, even when its first projection failed
    this.repeated.start(Math.min(1000, this.config.PROJECTION_INTERVAL_MS));
  }

  async onModuleDestroy(): Promise<void> {
    await this.repeated.stop();
  }
}

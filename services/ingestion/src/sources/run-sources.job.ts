import { CONFIG, Logger, RepeatedWork } from '@bascule/platform';
import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { Config } from '../config.js';
import { SourcesService } from './sources.service.js';

/** Looks regularly whether a source is due. */
@Injectable()
export class RunSourcesJob implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly repeated = new RepeatedWork(
    () => this.sources.runDue(),
    (error) => this.log.warn({ err: error }, 'sources were not looked at'),
  );

  constructor(
    private readonly sources: SourcesService,
    private readonly log: Logger,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  onApplicationBootstrap(): void {
    this.repeated.start(this.config.SOURCES_INTERVAL_MS);
  }

  async onModuleDestroy(): Promise<void> {
    await this.repeated.stop();
  }
}

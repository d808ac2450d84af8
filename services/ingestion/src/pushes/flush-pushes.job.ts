import { CONFIG, Logger, RepeatedWork } from '@bascule/platform';
import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { Config } from '../config.js';
import { WaitingRecords } from './pushed-records.queries.js';
import { PushesService } from './pushes.service.js';

const hourMs = 3_600_000;

/** Looks regularly whether pushed records are due. */
@Injectable()
export class FlushPushesJob implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly flushing = new RepeatedWork(
    () => this.pushes.flushDue(),
    (error) => this.warn(error),
  );
  private readonly forgetting = new RepeatedWork(
    () => this.records.forgetOld(),
    (error) => this.warn(error),
  );

  constructor(
    private readonly pushes: PushesService,
    private readonly records: WaitingRecords,
    private readonly log: Logger,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  onApplicationBootstrap(): void {
    this.flushing.start(this.config.FEEDBACK_INTERVAL_MS);
    this.forgetting.start(hourMs);
  }

  async onModuleDestroy(): Promise<void> {
    await Promise.all([this.flushing.stop(), this.forgetting.stop()]);
  }

  private warn(error: unknown): void {
    this.log.warn({ err: error }, 'pushed records could not be turned into a batch; they wait');
  }
}

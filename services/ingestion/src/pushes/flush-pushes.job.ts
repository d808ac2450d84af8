import { CONFIG, Logger } from '@bascule/platform';
import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { Config } from '../config.js';
import { WaitingRecords } from './pushed-records.queries.js';
import { PushesService } from './pushes.service.js';

const hourMs = 3_600_000;

/** Looks regularly whether pushed records are due. */
@Injectable()
export class FlushPushesJob implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly timers: NodeJS.Timeout[] = [];
  private running: Promise<void> | undefined;

  constructor(
    private readonly pushes: PushesService,
    private readonly records: WaitingRecords,
    private readonly log: Logger,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  onApplicationBootstrap(): void {
    const flush = () => {
      this.running ??= this.run(async () => void (await this.pushes.flushDue())).finally(() => {
        this.running = undefined;
      });
    };
    this.timers.push(setInterval(flush, this.config.FEEDBACK_INTERVAL_MS));
    this.timers.push(setInterval(() => void this.run(() => this.records.forgetOld()), hourMs).unref());
  }

  async onModuleDestroy(): Promise<void> {
    for (const timer of this.timers) clearInterval(timer);
    await this.running;
  }

  private async run(work: () => Promise<void>): Promise<void> {
    await work().catch((error: unknown) => this.log.warn({ err: error }, 'pushed records could not be turned into a batch; they wait'));
  }
}

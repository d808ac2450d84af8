import { Logger } from '@bascule/platform';
import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { UploadsService } from './uploads.service.js';

const intervalMs = 3_600_000;

/** Removes uploads that nobody completed. */
@Injectable()
export class ExpireUploadsJob implements OnApplicationBootstrap, OnModuleDestroy {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly uploads: UploadsService,
    private readonly log: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.run(), intervalMs).unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  private async run(): Promise<void> {
    await this.uploads.removeExpired().catch((error: unknown) => this.log.warn({ err: error }, 'expired uploads were not removed'));
  }
}

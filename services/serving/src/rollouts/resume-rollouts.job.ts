import { FreezeSwitch } from '@bascule/access';
import { Logger } from '@bascule/platform';
import { type BeforeApplicationShutdown, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { RolloutsService } from './rollouts.service.js';

const everyMs = 1_000;

/** Looks at open rollouts when the freeze switch moves, and each second: a minimum time may be over. */
@Injectable()
export class ResumeRolloutsJob implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;

  constructor(
    private readonly rollouts: RolloutsService,
    private readonly freeze: FreezeSwitch,
    private readonly log: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.freeze.onChange(() => this.resume());
    this.timer = setInterval(() => this.resume(), everyMs);
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.running;
  }

  private resume(): void {
    this.running ??= this.rollouts
      .resumeAll()
      .catch((error: unknown) => this.log.warn({ err: error }, 'rollouts could not be resumed; tried again'))
      .finally(() => {
        this.running = undefined;
      });
  }
}

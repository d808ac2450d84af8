import { FreezeSwitch } from '@bascule/access';
import { Logger, RepeatedWork } from '@bascule/platform';
import { type BeforeApplicationShutdown, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { RolloutsService } from './rollouts.service.js';

const everyMs = 1_000;

/** Looks at open rollouts when the freeze switch moves, and each second: a minimum time may be over. */
@Injectable()
export class ResumeRolloutsJob implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly repeated = new RepeatedWork(
    () => this.rollouts.resumeAll(),
    (error) => this.log.warn({ err: error }, 'rollouts could not be resumed; tried again'),
  );

  constructor(
    private readonly rollouts: RolloutsService,
    private readonly freeze: FreezeSwitch,
    private readonly log: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.freeze.onChange(() => this.repeated.doNow());
    this.repeated.start(everyMs);
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.repeated.stop();
  }
}

import { FreezeSwitch } from '@bascule/access';
import { CONFIG, Logger } from '@bascule/platform';
import { type BeforeApplicationShutdown, Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import type { Config } from '../config.js';
import { ExecutionService } from './execution.service.js';

/** Takes one run after another; nothing new starts while the loop is frozen. */
@Injectable()
export class ExecutionJob implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly stopping = new AbortController();
  private working: Promise<void> = Promise.resolve();
  private wake: () => void = () => undefined;

  constructor(
    private readonly execution: ExecutionService,
    private readonly freeze: FreezeSwitch,
    private readonly log: Logger,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  onApplicationBootstrap(): void {
    this.working = this.loop();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    this.wake();
    await this.working;
  }

  private async loop(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      const run = await this.claim();
      if (run) await this.execution.work(run, this.stopping.signal).catch((error: unknown) => this.warn(error));
      else await this.pause();
    }
  }

  private async claim() {
    if (this.freeze.isFrozen()) return undefined;
    try {
      return await this.execution.claim();
    } catch (error) {
      this.warn(error);
      return undefined;
    }
  }

  private warn(error: unknown): void {
    this.log.warn({ err: error }, 'a run could not be worked on');
  }

  private async pause(): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, this.config.RUN_POLL_MS);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
      if (this.stopping.signal.aborted) this.wake();
    });
  }
}

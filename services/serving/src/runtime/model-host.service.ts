import { CONFIG, Logger, Metrics } from '@bascule/platform';
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { Config } from '../config.js';
import { ModelProcess } from './model-process.runtime.js';

/** The gateway's one model process: started with the first model, restarted when it dies. */
@Injectable()
export class ModelHostService implements OnApplicationShutdown {
  private process: ModelProcess | undefined;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly log: Logger,
    metrics: Metrics,
  ) {
    metrics.gauge('serving_model_process_restarts', 'Times the model process was started again', () => this.process?.restarts ?? 0);
  }

  get running(): ModelProcess {
    if (!this.process) {
      this.process = new ModelProcess(this.config.MODEL_DEADLINE_MS, (reason) => this.log.warn({ reason }, 'model process restarts'));
      this.process.start();
    }
    return this.process;
  }

  // after the HTTP server has answered its last request
  async onApplicationShutdown(): Promise<void> {
    await this.process?.stop();
  }
}

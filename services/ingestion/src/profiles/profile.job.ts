import { CONFIG, Logger, RepeatedWork } from '@bascule/platform';
import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { Config } from '../config.js';
import { PartSketches } from './part-sketches.queries.js';
import { ProfilesService } from './profiles.service.js';

/** Makes the profiles of new versions, so that nobody who asks has to wait. */
@Injectable()
export class ProfileJob implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly repeated = new RepeatedWork(
    () => this.run(),
    (error) => this.log.warn({ err: error }, 'profiles were not looked at'),
  );
  private readonly failed = new Set<string>();

  constructor(
    private readonly profiles: ProfilesService,
    private readonly sketches: PartSketches,
    private readonly log: Logger,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  onApplicationBootstrap(): void {
    this.repeated.start(this.config.PROFILES_INTERVAL_MS);
  }

  async onModuleDestroy(): Promise<void> {
    await this.repeated.stop();
  }

  private async run(): Promise<void> {
    for (const { datasetName, version } of await this.sketches.versionsWithout(20)) {
      if (this.failed.has(version)) continue;
      await this.profiles.get(datasetName, version).catch((error: unknown) => {
        // one version that cannot be read must not hold up the others; who asks for its profile gets the error
        this.failed.add(version);
        this.log.warn({ err: error, datasetName, datasetVersion: version }, 'a profile was not made');
      });
    }
  }
}

import { readFile } from 'node:fs/promises';
import { CONFIG, Logger, RepeatedWork } from '@bascule/platform';
import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { Config } from '../config.js';
import { bootstrapKeysUnusable } from '../errors.js';
import { AccessProjectionService } from './access-projection.service.js';
import { parseBootstrapKeys } from './bootstrap-keys.js';
import { KeysService } from './keys.service.js';

/** Brings the first keys in at start, then keeps the bucket equal to the table, also after NATS lost what it had not written. */
@Injectable()
export class AccessProjectionJob implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly repeated = new RepeatedWork(
    () => this.projection.projectDifferences(),
    (error) => this.log.warn({ err: error }, 'keys were not compared with the bucket; it is tried again'),
  );

  constructor(
    private readonly keys: KeysService,
    private readonly projection: AccessProjectionService,
    private readonly log: Logger,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const path = this.config.BOOTSTRAP_KEYS_FILE;
    if (path) await this.bringIn(path);
    await this.projection.projectDifferences();
    this.repeated.start(this.config.PROJECTION_INTERVAL_MS);
  }

  async onModuleDestroy(): Promise<void> {
    await this.repeated.stop();
  }

  private async bringIn(path: string): Promise<void> {
    const keys = parseBootstrapKeys(await readFile(path, 'utf8'));
    if (!keys) throw bootstrapKeysUnusable({ path });
    await this.keys.createBootstrapKeys(keys);
  }
}

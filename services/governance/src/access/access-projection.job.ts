import { readFile } from 'node:fs/promises';
import { CONFIG, Logger } from '@bascule/platform';
import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { Config } from '../config.js';
import { bootstrapKeysUnusable } from '../errors.js';
import { AccessProjectionService } from './access-projection.service.js';
import { parseBootstrapKeys } from './bootstrap-keys.js';
import { KeysService } from './keys.service.js';

/** Brings the first keys in at start, then keeps the bucket equal to the table, also after NATS lost what it had not written. */
@Injectable()
export class AccessProjectionJob implements OnApplicationBootstrap, OnModuleDestroy {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;

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
    this.timer = setInterval(() => {
      this.running ??= this.project().finally(() => (this.running = undefined));
    }, this.config.PROJECTION_INTERVAL_MS);
  }

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.timer);
    await this.running;
  }

  private async bringIn(path: string): Promise<void> {
    const keys = parseBootstrapKeys(await readFile(path, 'utf8'));
    if (!keys) throw bootstrapKeysUnusable({ path });
    await this.keys.createBootstrapKeys(keys);
  }

  private async project(): Promise<void> {
    try {
      await this.projection.projectDifferences();
    } catch (error) {
      this.log.warn({ err: error }, 'keys were not compared with the bucket; it is tried again');
    }
  }
}

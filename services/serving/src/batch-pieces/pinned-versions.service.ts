import type { RoutedVersion } from '@bascule/contracts';
import { Logger } from '@bascule/platform';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { type LoadedVersion, ModelsService } from '../runtime/models.service.js';

interface Held {
  readonly loading: Promise<LoadedVersion>;
  users: number;
  timer?: NodeJS.Timeout;
}

const idleMs = 60_000;

/**
 * Versions for batch jobs, which keep the version they were accepted with. One that is served here is shared with the
 * clients; one that is not any more is loaded by its digest. Held until no piece has asked for it for a minute.
 */
@Injectable()
export class PinnedVersions implements OnApplicationShutdown {
  private readonly held = new Map<string, Held>();

  constructor(
    private readonly models: ModelsService,
    private readonly log: Logger,
  ) {}

  /**
   * Does work with a version in memory.
   * @throws LoadRefused when it must not be served
   */
  async use<T>(modelName: string, routed: RoutedVersion, work: (loaded: LoadedVersion) => Promise<T>): Promise<T> {
    const key = `${modelName}@${routed.version}/${routed.artifactDigest}`;
    const held = this.hold(key, modelName, routed);
    try {
      return await work(await held.loading);
    } finally {
      this.letGo(key, held);
    }
  }

  onApplicationShutdown(): void {
    for (const { timer } of this.held.values()) clearTimeout(timer);
  }

  private hold(key: string, modelName: string, routed: RoutedVersion): Held {
    const held = this.held.get(key) ?? this.begin(key, modelName, routed);
    clearTimeout(held.timer);
    held.users++;
    return held;
  }

  private begin(key: string, modelName: string, routed: RoutedVersion): Held {
    const holder = {};
    const held: Held = Object.assign(holder, { loading: this.models.load(modelName, routed, holder), users: 0 });
    this.held.set(key, held);
    // a failed load is tried anew by the next piece
    held.loading.catch(() => this.held.get(key) === held && this.held.delete(key));
    return held;
  }

  private letGo(key: string, held: Held): void {
    if (--held.users > 0 || this.held.get(key) !== held) return;
    held.timer = setTimeout(() => void this.release(key, held), idleMs);
    held.timer.unref();
  }

  private async release(key: string, held: Held): Promise<void> {
    if (held.users > 0) return;
    this.held.delete(key);
    const loaded = await held.loading;
    await this.models.release(loaded, held).catch((error: unknown) => this.log.warn({ err: error, key }, 'release failed'));
  }
}

import type { RoutedVersion } from '@bascule/contracts';
import { Logger } from '@bascule/platform';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { RoutingService } from '../routing/routing.service.js';
import { type LoadedVersion, ModelsService } from '../runtime/models.service.js';

interface Held {
  readonly loading: Promise<LoadedVersion>;
  users: number;
  timer?: NodeJS.Timeout;
}

const idleMs = 60_000;

/**
 * Versions for batch jobs, which keep the version they were accepted with. One that is served here is shared with the
 * clients; one that is not any more is loaded by its digest, and released when no piece has asked for it for a minute.
 */
@Injectable()
export class PinnedVersions implements OnApplicationShutdown {
  private readonly held = new Map<string, Held>();

  constructor(
    private readonly models: ModelsService,
    private readonly routing: RoutingService,
    private readonly log: Logger,
  ) {}

  /**
   * Does work with a version in memory.
   * @throws LoadRefused when it must not be served
   */
  async use<T>(modelName: string, routed: RoutedVersion, work: (loaded: LoadedVersion) => Promise<T>): Promise<T> {
    const served = this.models.find(modelName, routed.version, routed.artifactDigest);
    const key = `${modelName}@${routed.version}/${routed.artifactDigest}`;
    if (served && !this.held.has(key)) return work(served);
    const held = this.hold(key, modelName, routed);
    try {
      const loaded = await held.loading;
      if (this.models.find(modelName, routed.version, routed.artifactDigest) === loaded) return await work(loaded);
      // it was served meanwhile and has been released with its route
      this.held.delete(key);
    } finally {
      this.letGo(key, held);
    }
    return this.use(modelName, routed, work);
  }

  onApplicationShutdown(): void {
    for (const { timer } of this.held.values()) clearTimeout(timer);
  }

  private hold(key: string, modelName: string, routed: RoutedVersion): Held {
    const held = this.held.get(key) ?? { loading: this.models.load(modelName, routed), users: 0 };
    this.held.set(key, held);
    clearTimeout(held.timer);
    held.users++;
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
    // it may have been promoted again meanwhile
    const isServed = this.routing.list().some(({ versions }) => versions.get(loaded.routed.version) === loaded);
    if (isServed) return;
    await this.models.release(loaded).catch((error: unknown) => this.log.warn({ err: error, key }, 'release failed'));
  }
}

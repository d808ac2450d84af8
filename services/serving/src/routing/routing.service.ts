import { buckets, modelLoaded, modelLoadRefused, type RoutedVersion, type RoutingEntry, routingEntry } from '@bascule/contracts';
import { KvWatch, NATS, type NatsConnectionHolder } from '@bascule/messaging';
import { CONFIG, HealthRegistry, Logger, Metrics } from '@bascule/platform';
import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { Config } from '../config.js';
import { RetainedPublisher } from '../publishing/retained-publisher.service.js';
import { type LoadedVersion, LoadRefused, ModelsService } from '../runtime/models.service.js';
import { decideApply, isNewer, type VersionStanding } from './routing-plan.js';
import type { Share } from './traffic-split.js';

/** A version that sees copies of what another one answers: of the champion's requests, or as champion of those it has given away. */
export interface ShadowRoute {
  readonly loaded: LoadedVersion;
  readonly of: 'champion' | 'challenger';
  readonly percent: number;
}

/** What a gateway answers with for one model. */
export interface ActiveRoute {
  readonly entry: RoutingEntry;
  readonly shares: readonly Share[];
  readonly versions: ReadonlyMap<number, LoadedVersion>;
  readonly shadows: readonly ShadowRoute[];
}

const retryMs = 1_000;
const loadsAtOnce = 4;

/** The gateway's view of the routing table: loads what an entry names, then swaps it in. */
@Injectable()
export class RoutingService implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly active = new Map<string, ActiveRoute>();
  private readonly refused = new Map<string, readonly string[]>();
  private readonly announced = new Set<string>();
  /** Every version held for the table that has not been let go: another holder's copy may go at any time. */
  private readonly brought = new Map<string, LoadedVersion>();
  private readonly watch: KvWatch<RoutingEntry>;
  private isReconciling = false;
  private isStale = false;
  private hasRead = false;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(NATS) connection: NatsConnectionHolder,
    private readonly models: ModelsService,
    private readonly events: RetainedPublisher,
    private readonly log: Logger,
    health: HealthRegistry,
    metrics: Metrics,
  ) {
    this.watch = new KvWatch(connection, buckets.routing, routingEntry);
    health.register('models', async () => this.check());
    metrics.gauge('serving_routing_age_ms', 'Time since the routing table was last heard of', () => this.watch.ageMs());
    metrics.gauge('serving_models_loaded', 'Model versions in memory', () => this.models.list().length);
  }

  async onApplicationBootstrap(): Promise<void> {
    this.watch.onChange(() => void this.reconcile());
    await this.watch.start();
    this.hasRead = true;
    void this.reconcile();
  }

  onApplicationShutdown(): void {
    clearTimeout(this.timer);
    this.watch.stop();
  }

  find(modelName: string): ActiveRoute | undefined {
    return this.active.get(modelName);
  }

  /** True when the table names the model, loaded or not. */
  isKnown(modelName: string): boolean {
    return this.active.has(modelName) || this.entries().some((entry) => entry.modelName === modelName);
  }

  list(): ActiveRoute[] {
    return [...this.active.values()];
  }

  /** Entries of this gateway's environment as last read. */
  entries(): RoutingEntry[] {
    return this.watch
      .entries()
      .map(([, entry]) => entry)
      .filter(({ environment }) => environment === this.config.SERVING_ENVIRONMENT);
  }

  standing(modelName: string, { version, artifactDigest }: RoutedVersion): VersionStanding {
    const key = versionKey(modelName, version, artifactDigest);
    if (this.brought.has(key)) return 'loaded';
    return this.refused.has(key) ? 'refused' : 'missing';
  }

  /** Why a version is not served here; empty when it is, or may be. */
  refusalReasons(modelName: string, { version, artifactDigest }: RoutedVersion): readonly string[] {
    return this.refused.get(versionKey(modelName, version, artifactDigest)) ?? [];
  }

  private async reconcile(): Promise<void> {
    this.isStale = true;
    if (this.isReconciling) return;
    this.isReconciling = true;
    while (this.isStale) {
      this.isStale = false;
      const waiting = this.entries();
      let isComplete = true;
      // a few at once: one that takes long, or does not end, holds up a part of the others only
      const lanes = Array.from({ length: loadsAtOnce }, async () => {
        for (let entry = waiting.shift(); entry; entry = waiting.shift()) isComplete = (await this.bringUp(entry)) && isComplete;
      });
      await Promise.all(lanes);
      clearTimeout(this.timer);
      if (!isComplete) this.timer = setTimeout(() => void this.reconcile(), retryMs);
    }
    this.isReconciling = false;
  }

  /** @returns false when something should be tried again */
  private async bringUp(entry: RoutingEntry): Promise<boolean> {
    const current = this.active.get(entry.modelName);
    if (!isNewer(entry, current?.entry) && !this.isUnfinished(entry, current)) return true;
    // shares first: a waiting version, or a shadow, must not hold up the ones that answer
    const byShare = [...entry.versions].sort((a, b) => answeringPercent(b) - answeringPercent(a));
    let isComplete = true;
    for (const version of byShare) isComplete = (await this.loadOne(entry, version)) && isComplete;
    const decision = decideApply(entry, (version) => this.standing(entry.modelName, version), current !== undefined);
    if (!decision.apply) {
      this.log.warn({ modelName: entry.modelName, revision: entry.revision, reason: decision.reason }, 'routing entry waits');
      return isComplete;
    }
    const versions = new Map<number, LoadedVersion>();
    const shadows: ShadowRoute[] = [];
    for (const { version, artifactDigest, role, percent, copies } of entry.versions) {
      const loaded = this.brought.get(versionKey(entry.modelName, version, artifactDigest));
      if (loaded) versions.set(version, loaded);
      if (loaded && role === 'shadow') shadows.push({ loaded, percent, of: 'champion' });
      if (loaded && copies !== undefined) shadows.push({ loaded, percent: copies, of: 'challenger' });
    }
    this.active.set(entry.modelName, { entry, shares: decision.shares, versions, shadows });
    this.releaseOthers(entry.modelName, versions);
    this.log.info({ modelName: entry.modelName, revision: entry.revision, shares: decision.shares }, 'routing entry in use');
    return isComplete;
  }

  /** Lets go what the entry does not name, also what was loaded for one that never took effect. */
  private releaseOthers(modelName: string, used: ReadonlyMap<number, LoadedVersion>): void {
    for (const [key, loaded] of this.brought) {
      if (loaded.modelName !== modelName || used.get(loaded.routed.version) === loaded) continue;
      this.brought.delete(key);
      void this.models.release(loaded, this).catch((error) => this.log.warn({ err: error }, 'release failed'));
    }
  }

  /** True for the entry in use while one of its versions could not be loaded yet. */
  private isUnfinished(entry: RoutingEntry, current: ActiveRoute | undefined): boolean {
    const isUnsettled = entry.versions.some((version) => this.standing(entry.modelName, version) === 'missing');
    return entry.revision === current?.entry.revision && isUnsettled;
  }

  private async loadOne(entry: RoutingEntry, routed: RoutedVersion): Promise<boolean> {
    const { modelName, rolloutId } = entry;
    const { version, artifactDigest } = routed;
    const key = versionKey(modelName, version, artifactDigest);
    const announcement = `${key}/${rolloutId ?? 'settled'}`;
    const { INSTANCE_ID: gatewayId, SERVING_ENVIRONMENT: environment } = this.config;
    const load = { gatewayId, environment, modelName, version, artifactDigest };
    // a new rollout is a new try
    if (!this.announced.has(announcement)) this.refused.delete(key);
    try {
      const known = this.refused.get(key);
      if (known) throw new LoadRefused(known);
      const loaded = await this.models.load(modelName, routed, this);
      const { loadMs, runtime } = loaded;
      this.brought.set(key, loaded);
      // a version that stayed in memory is news to a new rollout as well
      if (!this.announced.has(announcement)) this.events.announce({ definition: modelLoaded, data: { ...load, loadMs, runtime } });
      this.announced.add(announcement);
      return true;
    } catch (error) {
      if (!(error instanceof LoadRefused)) {
        this.log.warn({ err: error, modelName, version }, 'model not loaded yet');
        return false;
      }
      this.refused.set(key, error.reasons);
      if (!this.announced.has(announcement)) {
        this.log.error({ modelName, version, reasons: error.reasons }, 'model refused');
        this.events.announce({ definition: modelLoadRefused, data: { ...load, reasons: [...error.reasons] } });
      }
      this.announced.add(announcement);
      return true;
    }
  }

  private async check(): Promise<{ ok: boolean; detail?: string }> {
    if (!this.hasRead) return { ok: false, detail: 'the routing table has not been read yet' };
    const missing = this.entries().flatMap((entry) =>
      entry.versions
        .filter((version) => answeringPercent(version) > 0 && this.standing(entry.modelName, version) === 'missing')
        .map(({ version }) => `${entry.modelName}@${version}`),
    );
    return missing.length === 0 ? { ok: true } : { ok: false, detail: `not loaded yet: ${missing.join(', ')}` };
  }
}

/** A shadow's percent is no share of the answers. */
function answeringPercent({ role, percent }: RoutedVersion): number {
  return role === 'shadow' ? 0 : percent;
}

function versionKey(modelName: string, version: number, digest: string): string {
  return `${modelName}@${version}/${digest}`;
}

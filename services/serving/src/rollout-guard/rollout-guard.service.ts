import { buckets, type RolloutMeasure, type RoutingEntry, rolloutTripped } from '@bascule/contracts';
import { KvWriter, NATS, type NatsConnectionHolder } from '@bascule/messaging';
import { BasculeError, Clock, CONFIG, Logger, Metrics, newId } from '@bascule/platform';
import { type BeforeApplicationShutdown, Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import type { Config } from '../config.js';
import { modelSuspended } from '../errors.js';
import { sizeOfInputs } from '../inference/input-size.js';
import { RetainedPublisher } from '../publishing/retained-publisher.service.js';
import type { Share } from '../routing/traffic-split.js';
import type { LoadedVersion } from '../runtime/models.service.js';
import { tookProcessDown } from '../runtime/placed-model.js';
import { failureKind } from './failure-kind.js';
import type { RequestKind } from './recent-answers.js';
import type { RolloutTrack, Who } from './rollout-track.js';
import { RolloutTracks } from './rollout-tracks.js';
import { type FailedRequest, SecondOpinions } from './second-opinions.service.js';

const everyMs = 1_000;

/** A route as far as a rollout is concerned. */
export interface GuardedRoute {
  readonly entry: RoutingEntry;
  readonly shares: readonly Share[];
  readonly versions: ReadonlyMap<number, LoadedVersion>;
}

/** Who asked, and what. */
type Asked = Pick<FailedRequest, 'keyId' | 'inputs'>;

/** A failure that counts, of a version in a rollout. */
interface Counted {
  readonly entry: RoutingEntry;
  readonly track: RolloutTrack;
  readonly who: Who;
  readonly error: unknown;
}

/**
 * Watches the versions of rollouts as they answer here: counts for the judge, and cuts a version off within the moment in
 * which it fails or slows down beyond chance. The champion then answers everything at this gateway, whatever NATS and
 * control are doing; control hears of it and rolls back everywhere.
 */
@Injectable()
export class RolloutGuard implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly producer = newId();
  private readonly tracks = new RolloutTracks();
  private readonly writer: KvWriter;
  private readonly trips;
  private timer: NodeJS.Timeout | undefined;
  private writing: Promise<void> = Promise.resolve();
  private isWriting = false;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(NATS) private readonly connection: NatsConnectionHolder,
    private readonly events: RetainedPublisher,
    private readonly opinions: SecondOpinions,
    private readonly clock: Clock,
    private readonly log: Logger,
    metrics: Metrics,
  ) {
    this.writer = new KvWriter(connection);
    this.trips = metrics.counter('serving_rollout_trips_total', 'Versions cut off by this gateway during a rollout, by model and cause');
  }

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => this.show(), everyMs);
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.writing;
    this.show();
    await this.writing;
  }

  /** Who may answer: without a version that was cut off. */
  sharesOf({ entry, shares }: Pick<GuardedRoute, 'entry' | 'shares'>): readonly Share[] {
    const { rolloutId } = entry;
    if (rolloutId === null || !this.tracks.find(rolloutId)?.trip) return shares;
    const champion = championOf(entry);
    return champion === undefined ? shares : [{ version: champion, percent: 100 }];
  }

  /** One request answered; a shadow's copy counts for the judge alone. */
  answered({ entry }: Pick<GuardedRoute, 'entry'>, version: number, latencyUs: number, asked: Asked): void {
    if (entry.rolloutId === null) return;
    const track = this.tracks.of(entry.rolloutId, entry);
    const trip = track?.answered(whoOf(entry, version), latencyUs, performance.now(), kindOf(asked));
    if (track && trip) this.cut(entry, version, track, trip.cause, trip.reasons);
  }

  /** The champion answered a copy: something to compare with for the judge, no measure of how fast it would have been alone. */
  copied({ entry }: Pick<GuardedRoute, 'entry'>, version: number): void {
    if (entry.rolloutId !== null) this.tracks.of(entry.rolloutId, entry)?.copied(whoOf(entry, version));
  }

  /**
   * One request that came to nothing. It counts against the version when the other one answers the same; where that one could not be
   * asked, when failures come from more than one key. Without `request` the other one has answered it already.
   */
  failed(route: GuardedRoute, version: number, error: unknown, request?: Omit<FailedRequest, 'error'>): void {
    const { entry } = route;
    const kind = failureKind(error);
    if (entry.rolloutId === null || kind === 'none') return;
    const track = this.tracks.of(entry.rolloutId, entry);
    if (!track) return;
    const failure: Counted = { entry, track, who: whoOf(entry, version), error };
    if (kind === 'aftermath') {
      if (track.hasDoneHarm(version, performance.now())) this.count(failure, 1);
      return;
    }
    if (request) void this.weigh(failure, otherOf(route, version), request);
    else this.count(failure, 1);
  }

  private async weigh(failure: Counted, other: LoadedVersion | undefined, request: Omit<FailedRequest, 'error'>): Promise<void> {
    const { track, who, error } = failure;
    const opinion = other ? await this.opinions.ask(other, { ...request, error }) : 'unknown';
    if (opinion === 'failed') return;
    const times = opinion === 'answered' ? 1 : track.suspectsOf(who.version).note(request.keyId, performance.now());
    if (times > 0) this.count(failure, times);
  }

  private count({ entry, track, who, error }: Counted, times: number): void {
    const now = performance.now();
    if (tookProcessDown(error)) track.noteHarm(who.version, now);
    const trip = track.failed(who, now, times);
    if (trip) this.cut(entry, who.version, track, trip.cause, trip.reasons);
    else if (isSuspended(error) && who.role === 'challenger' && who.champion !== undefined && !track.trip)
      this.cut(entry, who.version, track, 'crash-loop', ['it took its process down several times in a row']);
  }

  private cut(
    { rolloutId, modelName, environment }: RoutingEntry,
    version: number,
    track: RolloutTrack,
    cause: 'error-burst' | 'latency-burst' | 'crash-loop',
    reasons: readonly string[],
  ): void {
    if (rolloutId === null) return;
    track.trip = { cause, reasons };
    this.trips.add(1, { model: modelName, cause });
    this.log.error({ modelName, version, rolloutId, cause, reasons }, 'version cut off; the champion answers');
    const data = { rolloutId, gatewayId: this.config.INSTANCE_ID, modelName, environment, version, cause, reasons: [...reasons] };
    this.events.announce({ definition: rolloutTripped, data });
  }

  private show(): void {
    if (this.isWriting || !this.connection.isConnected) return;
    this.isWriting = true;
    this.writing = this.write().finally(() => {
      this.isWriting = false;
    });
  }

  /** Never throws: what NATS misses now is in the next writing. */
  private async write(): Promise<void> {
    for (const track of this.tracks.all()) {
      if (!track.isChanged) continue;
      track.isChanged = false;
      const { rolloutId, modelName } = track;
      const { producer } = this;
      const at = this.clock.now().toISOString();
      const measure: RolloutMeasure = { rolloutId, gatewayId: this.config.INSTANCE_ID, producer, modelName, at, arms: track.measured() };
      try {
        await this.writer.put(buckets.rollouts, `${rolloutId}.${producer}`, measure);
      } catch (error) {
        track.isChanged = true;
        this.log.debug({ err: error }, 'what was measured of a rollout is written later');
      }
    }
  }
}

function kindOf({ keyId, inputs }: Asked): RequestKind {
  return { keyId, sizeClass: Math.floor(Math.log2(sizeOfInputs(inputs) + 1) / 2) };
}

function whoOf(entry: RoutingEntry, version: number): Who {
  const role = entry.versions.find((routed) => routed.version === version)?.role ?? 'champion';
  return { version, role, step: entry.rolloutStep ?? 0, champion: championOf(entry) };
}

function championOf({ versions }: RoutingEntry): number | undefined {
  return versions.find(({ role }) => role === 'champion')?.version;
}

/** Of champion and challenger the one that was not asked, where it is in memory. */
function otherOf({ entry, versions }: GuardedRoute, version: number): LoadedVersion | undefined {
  const pair = entry.versions.filter(({ role }) => role === 'champion' || role === 'challenger');
  if (!pair.some((routed) => routed.version === version)) return undefined;
  const other = pair.find((routed) => routed.version !== version);
  return other && versions.get(other.version);
}

function isSuspended(error: unknown): boolean {
  return error instanceof BasculeError && error.code === modelSuspended.definition.code;
}

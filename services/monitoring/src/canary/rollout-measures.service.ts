import { buckets, type RolloutMeasure, rolloutMeasure } from '@bascule/contracts';
import { KvWatch, KvWriter, NATS, type NatsConnectionHolder } from '@bascule/messaging';
import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { ArmMeasure, StepMeasure } from './canary-evidence.js';
import { WatchedTime } from './watched-time.js';

/** What nobody has confirmed for so long may be out of date: NATS is away. */
const currentMs = 5_000;

/** What gateways measured of rollouts: requests, failures and latencies, by version and step. */
@Injectable()
export class RolloutMeasures implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly watch: KvWatch<RolloutMeasure>;
  private readonly writer: KvWriter;
  private readonly watched = new WatchedTime();
  private hasRead = false;
  private readonly byRollout = new Map<string, Map<string, RolloutMeasure>>();

  constructor(@Inject(NATS) private readonly connection: NatsConnectionHolder) {
    connection.onReconnect(() => this.watched.interrupt());
    this.watch = new KvWatch(connection, buckets.rollouts, rolloutMeasure);
    this.writer = new KvWriter(connection);
  }

  async onApplicationBootstrap(): Promise<void> {
    this.watch.onChange((key, measure) => {
      const [rolloutId = ''] = key.split('.');
      const known = this.byRollout.get(rolloutId) ?? new Map<string, RolloutMeasure>();
      if (measure) known.set(key, measure);
      else known.delete(key);
      if (known.size > 0) this.byRollout.set(rolloutId, known);
      else this.byRollout.delete(rolloutId);
    });
    await this.watch.start();
    this.hasRead = true;
  }

  onApplicationShutdown(): void {
    this.watch.stop();
  }

  /** How long all that gateways write has been known here without a break. */
  secondsWatched(): number {
    const isKnown = this.hasRead && this.connection.isConnected && this.watch.ageMs() < currentMs;
    return this.watched.seconds(isKnown, performance.now());
  }

  /** Both versions of a rollout by step, all gateways together. */
  of(rolloutId: string, version: number, championVersion: number): StepMeasure[] {
    const arms = [...(this.byRollout.get(rolloutId)?.values() ?? [])].flatMap((measure) => measure.arms);
    const steps = [...new Set(arms.map(({ step }) => step))].sort((a, b) => a - b);
    return steps.map((step) => {
      const at = (wanted: number) => sumOf(arms.filter((arm) => arm.step === step && arm.version === wanted));
      return { step, canary: at(version), champion: at(championVersion) };
    });
  }

  /** Forgets rollouts that are over. */
  async forget(isOver: (rolloutIds: string[]) => Promise<Set<string>>): Promise<void> {
    const over = await isOver([...this.byRollout.keys()]);
    for (const rolloutId of over) {
      for (const key of this.byRollout.get(rolloutId)?.keys() ?? []) await this.writer.delete(buckets.rollouts, key);
    }
  }
}

function sumOf(arms: readonly ArmMeasure[]): ArmMeasure {
  const latency: number[] = [];
  let answered = 0;
  let failed = 0;
  for (const arm of arms) {
    answered += arm.answered;
    failed += arm.failed;
    arm.latency.forEach((count, bin) => {
      while (latency.length <= bin) latency.push(0);
      latency[bin]! += count;
    });
  }
  return { answered, failed, latency };
}

import { buckets } from '@bascule/contracts';
import { KvWatch, KvWriter, NATS, type NatsConnectionHolder } from '@bascule/messaging';
import { Clock, CONFIG, HealthRegistry, Logger, Metrics, newId } from '@bascule/platform';
import { type BeforeApplicationShutdown, Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { Config } from '../config.js';
import { AdmissionService } from './admission.service.js';
import { dayOf } from './daily-rows.js';
import { PeerUsage, peerLiveMs } from './peer-usage.js';
import { pagesOf, UsagePages, usageEntry } from './usage-entry.js';

const intervalMs = 1000;
/** Without news from NATS for so long, silence of the others says nothing about them. */
const deafMs = 3000;
const sweepEvery = 600;

/** Tells the other gateways once a second what this one counted and hears what they did, so that limits hold over all of them. */
@Injectable()
export class UsageExchangeJob implements OnModuleInit, BeforeApplicationShutdown, OnApplicationShutdown {
  // not the id of the service instance: several processes of a machine may share that
  private readonly id = newId();
  private readonly watch;
  private readonly writer;
  private readonly peers;
  private readonly pages = new UsagePages();
  private readonly written = new Map<number, string>();
  private day: number;
  private deafUntilMs = 0;
  private turns = 0;
  private toldMs = performance.now();
  private telling: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private forgetReconnect: () => void = () => {};

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(NATS) private readonly connection: NatsConnectionHolder,
    private readonly admission: AdmissionService,
    private readonly clock: Clock,
    private readonly health: HealthRegistry,
    private readonly metrics: Metrics,
    private readonly log: Logger,
  ) {
    this.watch = new KvWatch(connection, buckets.usage, usageEntry);
    this.writer = new KvWriter(connection);
    this.peers = new PeerUsage(admission.counted);
    this.day = admission.counted.day;
  }

  async onModuleInit(): Promise<void> {
    const ageMs = () => performance.now() - this.toldMs;
    this.health.register('limits', async () => ({
      // limits go on from what is known
      ok: ageMs() < 15_000,
      critical: false,
      detail: `shared with ${this.peers.live()} other gateways, told ${Math.round(ageMs())} ms ago`,
    }));
    this.metrics.gauge(
      'serving_admission_usage_age_seconds',
      'Time since the other gateways were told what this one counted',
      () => ageMs() / 1000,
    );
    this.watch.onChange((key, entry) => {
      if (key === this.id || key.startsWith(`${this.id}.`)) return;
      const before = this.peers.live();
      this.peers.take(key, entry, performance.now(), this.wallMs());
      if (this.peers.live() !== before) this.admission.share(1 + this.peers.live(), this.peers.demand());
    });
    // a restarted server may have lost what was written last
    this.forgetReconnect = this.connection.onReconnect(() => this.written.clear());
    await this.watch.start();
    await this.tell(true);
    this.timer = setInterval(() => this.turn(), intervalMs).unref();
  }

  // after the last request, before the connection closes
  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.telling;
    await this.tell(false);
  }

  onApplicationShutdown(): void {
    this.forgetReconnect();
    this.watch.stop();
  }

  private turn(): void {
    const nowMs = performance.now();
    this.admission.counted.turn(dayOf(this.wallMs()));
    if (this.day !== this.admission.counted.day) this.startDay();
    if (this.watch.ageMs() > deafMs) this.deafUntilMs = nowMs + peerLiveMs;
    if (nowMs > this.deafUntilMs) this.peers.expire(nowMs);
    this.admission.tick(1 + this.peers.live(), this.peers.demand());
    this.telling ??= this.tell(true).finally(() => (this.telling = undefined));
  }

  private startDay(): void {
    this.day = this.admission.counted.day;
    this.pages.clear();
    this.peers.recount();
  }

  private async tell(isLive: boolean): Promise<void> {
    if (!this.connection.isConnected) return;
    try {
      await this.connection.whileConnected(() => this.write(isLive));
      this.toldMs = performance.now();
    } catch (error) {
      this.log.warn({ err: error }, 'the other gateways were not told what this one counted; it is tried again');
    }
  }

  private async write(isLive: boolean): Promise<void> {
    const atMs = this.wallMs();
    // the role control alone hears what is used and answers no requests
    const sharesLimits = isLive && this.config.SERVING_ROLES.includes('gateway');
    await this.writer.put(buckets.usage, this.id, { atMs, isLive: sharesLimits });
    const filled = pagesOf(this.pages, this.admission.counted.own(), this.admission.demand());
    for (const page of this.written.keys()) if (!filled.has(page)) filled.set(page, { rows: {}, demand: {} });
    for (const [page, content] of filled) {
      const text = JSON.stringify([this.day, content]);
      if (this.written.get(page) === text) continue;
      await this.writer.put(buckets.usage, `${this.id}.${page}`, { atMs, day: this.day, ...content });
      this.written.set(page, text);
    }
    if (this.turns++ % sweepEvery === 0) for (const key of this.peers.outdated(atMs)) await this.writer.delete(buckets.usage, key);
  }

  private wallMs(): number {
    return this.clock.now().getTime();
  }
}

import type { Credential } from '@bascule/access';
import type { AccessLimits } from '@bascule/contracts';
import { type BasculeError, Clock, type ErrorFactory, Metrics } from '@bascule/platform';
import { Injectable } from '@nestjs/common';
import { DailyRows, dayOf, type RowCount, secondsToMidnight } from './daily-rows.js';
import { quotaExhausted, rateLimited, rowsBeyondQuota, tooManyConcurrent } from './errors.js';
import { fairShare } from './fair-share.js';
import { KeyMeter } from './key-meter.js';

/** Ends an admitted request, once. `answeredRows` is what counts for the quota: as many as it asked for when absent, none when it failed. */
export type Release = (answeredRows?: number) => void;

const unlimited: Release = () => {};

/** Decides from memory whether a key may send one more request: rate, concurrency and the day's rows. Keys without limits pass. */
@Injectable()
export class AdmissionService {
  private readonly meters = new Map<string, KeyMeter>();
  private readonly rows;
  private readonly refused;
  private gateways = 1;
  private demandOfOthers: ReadonlyMap<string, number> = new Map();

  constructor(
    private readonly clock: Clock,
    metrics: Metrics,
  ) {
    this.rows = new DailyRows(dayOf(clock.now().getTime()));
    this.refused = metrics.counter('serving_admission_refused_total', 'Requests refused by a limit of their key, by code');
    metrics.gauge('serving_admission_keys', 'Keys with limits that were used lately', () => this.meters.size);
    metrics.gauge('serving_admission_gateways', 'Gateways that share the limits of keys', () => this.gateways);
  }

  /**
   * Lets a request of `rows` rows in. The answer ends it and must be called once.
   * @throws serving.rate_limited, serving.too_many_concurrent, serving.quota_exhausted, serving.rows_beyond_quota
   */
  enter({ keyId, limits }: Credential, rows: number): Release {
    if (!limits) return unlimited;
    const nowMs = performance.now();
    const meter = this.meterOf(keyId, limits, nowMs);
    meter.touch(limits, nowMs);
    if (!meter.hasSlot()) throw this.refuse(tooManyConcurrent, 1, 'The key has as many requests under way as it may have.');
    const count = limits.rowsPerDay === undefined ? undefined : this.requireRows(keyId, rows, limits.rowsPerDay);
    const waitMs = meter.takeRequest(nowMs);
    if (waitMs > 0) {
      throw this.refuse(rateLimited, waitMs / 1000, `The key may send ${limits.requestsPerSecond} requests per second.`);
    }
    meter.running++;
    return count ? reserve(meter, count, rows) : meter.leave;
  }

  /** Would `enter` let one more request in, as far as rate and concurrency go? Takes nothing. */
  wouldEnter({ keyId, limits }: Credential): boolean {
    if (!limits) return true;
    return this.meters.get(keyId)?.wouldEnter(performance.now()) ?? true;
  }

  /** Counts rows that were answered without asking first, as those of a batch job that runs to its end. */
  count(keyId: string, rows: number): void {
    this.rows.turn(dayOf(this.clock.now().getTime()));
    this.rows.of(keyId).own += rows;
  }

  /** @throws serving.quota_exhausted when a key has no row left today */
  requireRowsLeft({ keyId, limits }: Credential): void {
    if (limits?.rowsPerDay !== undefined) this.requireRows(keyId, 1, limits.rowsPerDay);
  }

  /** The rows counted here today. */
  get counted(): DailyRows {
    return this.rows;
  }

  /** Requests per second by key, of the keys in use. */
  demand(): Map<string, number> {
    const demand = new Map<string, number>();
    for (const [keyId, meter] of this.meters) if (meter.demand > 0) demand.set(keyId, Math.round(meter.demand * 100) / 100);
    return demand;
  }

  /** To be called once a second, with what is known of the other gateways: shares the limits out anew and forgets what is idle. */
  tick(gateways: number, demandOfOthers: ReadonlyMap<string, number>): void {
    const nowMs = performance.now();
    for (const [keyId, meter] of this.meters) {
      meter.tick();
      if (meter.isIdle(nowMs)) this.meters.delete(keyId);
    }
    this.share(gateways, demandOfOthers);
  }

  /** Shares the limits with the gateways that run now; at once when one comes or goes, or both would give out the whole. */
  share(gateways: number, demandOfOthers: ReadonlyMap<string, number>): void {
    const nowMs = performance.now();
    this.gateways = gateways;
    this.demandOfOthers = demandOfOthers;
    for (const [keyId, meter] of this.meters) meter.setShare(this.shareOf(keyId, meter.demand), nowMs);
  }

  private meterOf(keyId: string, limits: AccessLimits, nowMs: number): KeyMeter {
    const known = this.meters.get(keyId);
    if (known) return known;
    const meter = new KeyMeter(limits, this.shareOf(keyId, 0), nowMs);
    this.meters.set(keyId, meter);
    return meter;
  }

  private shareOf(keyId: string, own: number): number {
    return fairShare(this.gateways, { own, others: this.demandOfOthers.get(keyId) ?? 0 });
  }

  private requireRows(keyId: string, rows: number, rowsPerDay: number): RowCount {
    if (rows > rowsPerDay) throw rowsBeyondQuota({ rows, rowsPerDay });
    const nowMs = this.clock.now().getTime();
    this.rows.turn(dayOf(nowMs));
    const count = this.rows.of(keyId);
    const left = rowsPerDay - count.own - count.others;
    if (rows <= left) return count;
    throw this.refuse(
      quotaExhausted,
      secondsToMidnight(nowMs),
      `The key may have ${rowsPerDay} rows a day and has ${Math.max(0, left)} left; the request has ${rows}.`,
    );
  }

  private refuse(error: ErrorFactory, retryAfterSeconds: number, detail: string): BasculeError {
    this.refused.add(1, { code: error.definition.code });
    return error({ retryAfterSeconds }, detail);
  }
}

// counted before the answer, so that requests under way at once cannot all fit into the same rest. What was under way at
// midnight belongs to the day that is over: its counter is no longer the one of the key
function reserve(meter: KeyMeter, count: RowCount, rows: number): Release {
  count.own += rows;
  return (answeredRows = rows) => {
    meter.leave();
    count.own += answeredRows - rows;
  };
}

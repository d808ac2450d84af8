import { buckets, type GatewaySign, gatewaySign } from '@bascule/contracts';
import { KvWatch, NATS, type NatsConnectionHolder } from '@bascule/messaging';
import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';

interface Seen {
  readonly at: string;
  readonly since: number;
}

const staleMs = 5_000;

/** What gateways say of themselves, and for how long each has said nothing, by this process's own clock. */
@Injectable()
export class GatewaySignsService implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly watch: KvWatch<GatewaySign>;
  private readonly seen = new Map<string, Seen>();
  private freshSince: number | undefined;

  constructor(@Inject(NATS) connection: NatsConnectionHolder) {
    this.watch = new KvWatch(connection, buckets.gateways, gatewaySign);
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.watch.start();
  }

  onApplicationShutdown(): void {
    this.watch.stop();
  }

  /** Every sign there is, with the silence since in milliseconds; a time without NATS is nobody's silence. */
  list(): { sign: GatewaySign; silentMs: number }[] {
    const now = Date.now();
    this.freshSince = this.watch.ageMs() > staleMs ? undefined : (this.freshSince ?? now);
    const freshSince = this.freshSince ?? now;
    return this.watch.entries().map(([producer, sign]) => {
      const known = this.seen.get(producer);
      const seen = known?.at === sign.at ? known : { at: sign.at, since: now };
      this.seen.set(producer, seen);
      return { sign, silentMs: now - Math.max(seen.since, freshSince) };
    });
  }
}

import { buckets, type GatewaySign, gatewaySign, gatewayStarted, gatewayStopped } from '@bascule/contracts';
import { KvWriter, listKeys, NATS, type NatsConnectionHolder, openBucket } from '@bascule/messaging';
import { Clock, CONFIG, Logger } from '@bascule/platform';
import { Inject, Injectable } from '@nestjs/common';
import type { Config } from '../config.js';
import { RetainedPublisher } from '../publishing/retained-publisher.service.js';

/** How far a producer has counted. */
export interface Counted {
  readonly sealedSequence: number;
  readonly sealedRows: number;
  readonly openRows: number;
  readonly dropped: number;
  /** Closed blocks that wait behind others to be sent. */
  readonly waitingBlocks: number;
}

/** What another gateway found of a producer that ended without a word. */
export interface FoundEnd {
  readonly producer: string;
  readonly gatewayId: string | undefined;
  readonly lastSequence: number;
  /** Rows in all its blocks; undefined when its files do not tell. */
  readonly rows: number | undefined;
  readonly dropped: number;
}

const aliveEveryMs = 10_000;
const forgetAfterMs = 7 * 86_400_000;

/** Tells the others how far this gateway has counted, that it has started and that it has ended, so that they see what is missing. */
@Injectable()
export class GatewaySigns {
  private readonly writer: KvWriter;
  private last = '';
  private lastAt = 0;
  private isWriting = false;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(NATS) private readonly connection: NatsConnectionHolder,
    private readonly events: RetainedPublisher,
    private readonly clock: Clock,
    private readonly log: Logger,
  ) {
    this.writer = new KvWriter(connection);
  }

  start(producer: string, facts: { receiptKey: string; processor: string }): void {
    const data = { gatewayId: this.config.INSTANCE_ID, producer, runtime: `node ${process.version}`, ...facts };
    this.events.announce({ definition: gatewayStarted, data });
    void this.forgetOld().catch((error) => this.log.debug({ err: error }, 'old signs of gateways stay'));
  }

  /** Writes when the count has changed, and now and then when it has not. Never throws: what NATS misses, it misses. */
  async show(producer: string, startedAt: Date, counted: Counted): Promise<void> {
    const text = JSON.stringify(counted);
    const now = this.clock.now().getTime();
    const isDue = text !== this.last || now - this.lastAt >= aliveEveryMs;
    if (!isDue || this.isWriting || !this.connection.isConnected) return;
    this.isWriting = true;
    try {
      await this.writer.put(buckets.gateways, producer, this.signOf(producer, startedAt, counted, 'running'));
      this.last = text;
      this.lastAt = now;
    } catch (error) {
      this.log.debug({ err: error }, 'no sign given');
    } finally {
      this.isWriting = false;
    }
  }

  /** The last word of this gateway. */
  async end(producer: string, startedAt: Date, counted: Counted): Promise<void> {
    if (!this.connection.isConnected) return;
    const { sealedSequence: lastSequence, sealedRows: rows, dropped } = counted;
    const data = { gatewayId: this.config.INSTANCE_ID, producer, lastSequence, rows, dropped, isClean: true };
    try {
      await this.writer.put(buckets.gateways, producer, this.signOf(producer, startedAt, counted, 'stopped'));
      await this.events.publish({ definition: gatewayStopped, data });
    } catch (error) {
      this.log.warn({ err: error }, 'nobody was told that this gateway stopped');
    }
  }

  /**
   * Says of a producer that ended without a word how far its blocks go, while so many of them wait on the disk to be sent. To be
   * repeated: silence means that nobody sends them any more.
   */
  async tellWaiting(found: FoundEnd, waitingBlocks: number): Promise<void> {
    await this.putEnd(found, waitingBlocks);
  }

  /** Says of a producer that ended without a word how far its blocks go, now that they are sent. */
  async tellEnd(found: FoundEnd): Promise<void> {
    const end = await this.putEnd(found, 0);
    if (!end) return;
    const { gatewayId, lastSequence, rows } = end;
    const { producer, dropped } = found;
    const data = { gatewayId, producer, lastSequence, ...(rows === undefined ? {} : { rows }), dropped, isClean: false };
    this.events.announce({ definition: gatewayStopped, data });
  }

  private async putEnd({ producer, dropped, ...found }: FoundEnd, waitingBlocks: number) {
    const kv = await openBucket(this.connection, buckets.gateways);
    const entry = await kv.get(producer);
    const known = entry?.operation === 'PUT' ? readSign(entry.string()) : undefined;
    // its last word is known; what lay on the disk was only kept in case the server had lost it
    if (known?.state === 'stopped') return undefined;
    const gatewayId = found.gatewayId ?? known?.gatewayId ?? this.config.INSTANCE_ID;
    // files that went before their blocks were all told of do not make the producer end earlier
    const isFurther = found.lastSequence >= (known?.sealedSequence ?? 0);
    const lastSequence = isFurther ? found.lastSequence : (known?.sealedSequence ?? 0);
    const rows = isFurther ? found.rows : known?.sealedRows;
    const counted = { sealedSequence: lastSequence, sealedRows: rows ?? known?.sealedRows ?? 0, openRows: 0, dropped, waitingBlocks };
    const sign = this.signOf(producer, new Date(known?.startedAt ?? this.clock.now()), counted, 'recovered');
    await kv.put(producer, JSON.stringify({ ...sign, gatewayId }));
    return { gatewayId, lastSequence, rows };
  }

  private signOf(producer: string, startedAt: Date, counted: Counted, state: GatewaySign['state']): GatewaySign {
    const at = this.clock.now().toISOString();
    return { producer, gatewayId: this.config.INSTANCE_ID, startedAt: startedAt.toISOString(), at, ...counted, state };
  }

  private async forgetOld(): Promise<void> {
    if (!this.connection.isConnected) return;
    const kv = await openBucket(this.connection, buckets.gateways);
    const before = this.clock.now().getTime() - forgetAfterMs;
    for (const key of await listKeys(this.connection, buckets.gateways)) {
      const entry = await kv.get(key);
      const sign = entry?.operation === 'PUT' ? readSign(entry.string()) : undefined;
      if (sign && Date.parse(sign.at) < before) await kv.purge(key);
    }
  }
}

function readSign(text: string): GatewaySign | undefined {
  try {
    return gatewaySign.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

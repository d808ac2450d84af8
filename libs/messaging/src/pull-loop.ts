import type { Logger } from '@bascule/platform';
import type { Consumer, ConsumerMessages, JsMsg } from '@nats-io/jetstream';
import type { Subscription } from '@nats-io/transport-node';
import type { NatsConnectionHolder } from './connection.js';
import type { ConsumerSpec } from './consumer-spec.js';
import { ensureConsumer } from './ensure-consumer.js';
import { ensureStreams } from './ensure-streams.js';
import { pauseUntilBack } from './pause.js';
import type { StreamLimits } from './settings.js';

const pullExpiresMs = 15_000;
const firstPauseMs = 200;
const longestPauseMs = 5000;

/** What a fetch of the client is: its public interface can only drop the subscription, not drain it. */
type Fetch = ConsumerMessages & { readonly sub: Subscription };

export interface PullLoopParts {
  readonly connection: NatsConnectionHolder;
  readonly spec: ConsumerSpec;
  /** Of streams that have to be made again. */
  readonly limits: StreamLimits;
  readonly logger: Logger;
  /** Settles the message; never throws. */
  readonly handle: (message: JsMsg) => Promise<void>;
}

/** Asks the server for as many messages as there are free hands, so that none waits here while its ack time runs. */
export class PullLoop {
  private readonly running = new Set<Promise<void>>();
  private readonly stop = new AbortController();
  private batch: Fetch | undefined;
  private loop: Promise<void> = Promise.resolve();
  private forgetReconnect: () => void = () => {};

  constructor(private readonly parts: PullLoopParts) {}

  start(): void {
    this.forgetReconnect = this.parts.connection.onReconnect(() => void this.batch?.close());
    this.loop = this.run();
  }

  /** Stops pulling, gives back what is on its way here and waits for the running handlers. */
  async drain(): Promise<void> {
    this.stop.abort();
    this.forgetReconnect();
    this.endFetch();
    await this.loop;
    await Promise.all(this.running);
  }

  // a closed fetch forgets what the server has sent and we have not read: nobody would get it before the ack wait is over
  private endFetch(): void {
    const { batch } = this;
    if (!batch) return;
    if (batch.sub.isClosed() || !this.parts.connection.isConnected) void batch.close();
    else batch.sub.drain().catch(() => batch.close());
  }

  private async run(): Promise<void> {
    const { connection, spec, limits, logger } = this.parts;
    let pauseMs = firstPauseMs;
    while (!this.stop.signal.aborted) {
      try {
        const consumer = await connection.whileConnected(() => ensureConsumer(connection, spec));
        const epoch = connection.epoch;
        while (!this.stop.signal.aborted && connection.epoch === epoch) {
          await this.pull(consumer);
          pauseMs = firstPauseMs;
        }
      } catch (error) {
        if (this.stop.signal.aborted) return;
        logger.warn({ consumer: spec.durable, err: error }, 'pulling failed, trying again');
        await pauseUntilBack(connection, pauseMs, this.stop.signal);
        pauseMs = Math.min(longestPauseMs, pauseMs * 2);
        if (connection.isConnected) await ensureStreams(connection.jsm, { limits }).catch(() => {});
      }
    }
  }

  private async pull(consumer: Consumer): Promise<void> {
    const { spec, handle } = this.parts;
    while (this.running.size >= spec.concurrency) await Promise.race(this.running);
    if (this.stop.signal.aborted) return;
    const wanted = { max_messages: spec.concurrency - this.running.size, expires: pullExpiresMs };
    this.batch = (await consumer.fetch(wanted)) as Fetch;
    if (this.stop.signal.aborted) this.endFetch();
    for await (const message of this.batch) {
      if (this.stop.signal.aborted) {
        message.nak();
        continue;
      }
      const work: Promise<void> = handle(message).finally(() => this.running.delete(work));
      this.running.add(work);
    }
  }
}

import type { EventDefinition } from '@bascule/contracts';
import { type EncodedEvent, type EventDraft, encodeEvent, NATS, type NatsConnectionHolder, Publisher } from '@bascule/messaging';
import { CONFIG, Logger } from '@bascule/platform';
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { Config } from '../config.js';

interface Retained {
  readonly event: EncodedEvent;
  until: number;
  /** Sent before the last reconnect, and nobody has said since that the server still has it. */
  isDoubtful: boolean;
}

const maxRetainedBytes = 64_000_000;
const pruneEveryMs = 1_000;
const manyAnnounced = 20;

/**
 * Publishes straight to the stream, for a gateway that has no outbox. What was acknowledged is kept for a while in
 * memory and sent again after a reconnect: an ack is no fsync, and the server may have come back without it. Time
 * without a connection does not count: nobody can tell what a server that is away has kept.
 */
@Injectable()
export class RetainedPublisher implements OnApplicationShutdown {
  private retained: Retained[] = [];
  private retainedBytes = 0;
  private isStopped = false;
  private readonly announcing = new Set<Promise<void>>();
  private readonly timer: NodeJS.Timeout;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(NATS) private readonly connection: NatsConnectionHolder,
    private readonly publisher: Publisher,
    private readonly log: Logger,
  ) {
    connection.onReconnect(() => void this.sendAgain());
    this.timer = setInterval(() => this.prune(), pruneEveryMs).unref();
  }

  /** Resolves when the stream has the event; rejects when it could not be reached. */
  async publish<Definition extends EventDefinition>(draft: EventDraft<Definition>): Promise<void> {
    const event = encodeEvent(draft);
    await this.publisher.publishEncoded(event);
    this.retain(event);
  }

  /** Publishes in the background, again and again until the stream has the event. */
  announce<Definition extends EventDefinition>(draft: EventDraft<Definition>): void {
    const event = encodeEvent(draft);
    const work = this.publishUntilAcked(event).finally(() => this.announcing.delete(work));
    this.announcing.add(work);
  }

  /** True while so much of what was announced has not been taken that what can wait had better wait. */
  get isBehind(): boolean {
    return this.announcing.size >= manyAnnounced;
  }

  async onApplicationShutdown(): Promise<void> {
    this.isStopped = true;
    clearInterval(this.timer);
    await Promise.all(this.announcing);
  }

  private async publishUntilAcked(event: EncodedEvent): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        await this.publisher.publishEncoded(event);
        return this.retain(event);
      } catch (error) {
        if (this.isStopped) return this.log.error({ err: error, subject: event.subject }, 'event not published before the end');
        await new Promise((resolve) => setTimeout(resolve, Math.min(5_000, 100 * 2 ** attempt)));
      }
    }
  }

  private retain(event: EncodedEvent): void {
    this.retained.push({ event, until: Date.now() + this.config.NATS_RESEND_WINDOW_MS, isDoubtful: false });
    this.retainedBytes += event.payload.byteLength;
    while (this.retainedBytes > maxRetainedBytes && this.retained.length > 1) {
      this.retainedBytes -= this.retained.shift()!.event.payload.byteLength;
    }
  }

  private prune(): void {
    if (!this.connection.isConnected) return;
    const now = Date.now();
    this.retained = this.retained.filter(({ until, isDoubtful }) => isDoubtful || until > now);
    this.retainedBytes = this.retained.reduce((sum, { event }) => sum + event.payload.byteLength, 0);
  }

  private async sendAgain(): Promise<void> {
    const { epoch } = this.connection;
    for (const kept of this.retained) kept.isDoubtful = true;
    for (const kept of [...this.retained]) await this.repeat(kept, epoch);
  }

  // a server that has just come back may not have its streams yet
  private async repeat(kept: Retained, epoch: number): Promise<void> {
    const { event } = kept;
    // the next reconnect starts over with everything that is retained
    for (let attempt = 1; !this.isStopped && this.connection.epoch === epoch; attempt++) {
      try {
        const { duplicate } = await this.publisher.publishEncoded(event);
        kept.isDoubtful = false;
        // a server that had lost it may lose it again
        if (!duplicate) kept.until = Date.now() + this.config.NATS_RESEND_WINDOW_MS;
        return;
      } catch (error) {
        if (attempt === 1) this.log.warn({ err: error, subject: event.subject }, 'not sent again yet');
        await new Promise((resolve) => setTimeout(resolve, Math.min(5_000, 100 * 2 ** attempt)));
      }
    }
  }
}

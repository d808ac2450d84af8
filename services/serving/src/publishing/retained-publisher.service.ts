import type { EventDefinition } from '@bascule/contracts';
import { type EncodedEvent, type EventDraft, encodeEvent, NATS, type NatsConnectionHolder, Publisher } from '@bascule/messaging';
import { CONFIG, Logger } from '@bascule/platform';
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { Config } from '../config.js';

interface Retained {
  readonly event: EncodedEvent;
  readonly until: number;
}

const maxRetainedBytes = 64_000_000;

/**
 * Publishes straight to the stream, for a gateway that has no outbox. What was acknowledged is kept for a while in
 * memory and sent again after a reconnect: an ack is no fsync, and the server may have come back without it.
 */
@Injectable()
export class RetainedPublisher implements OnApplicationShutdown {
  private retained: Retained[] = [];
  private retainedBytes = 0;
  private isStopped = false;
  private readonly announcing = new Set<Promise<void>>();

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(NATS) private readonly connection: NatsConnectionHolder,
    private readonly publisher: Publisher,
    private readonly log: Logger,
  ) {
    connection.onReconnect(() => void this.sendAgain());
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

  async onApplicationShutdown(): Promise<void> {
    this.isStopped = true;
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
    const now = Date.now();
    this.retained.push({ event, until: now + this.config.NATS_RESEND_WINDOW_MS });
    this.retainedBytes += event.payload.byteLength;
    while (this.retained.length > 0) {
      const [oldest] = this.retained as [Retained];
      if (oldest.until > now && this.retainedBytes <= maxRetainedBytes) break;
      this.retainedBytes -= oldest.event.payload.byteLength;
      this.retained.shift();
    }
  }

  private async sendAgain(): Promise<void> {
    const { epoch } = this.connection;
    const now = Date.now();
    for (const kept of this.retained.filter(({ until }) => until > now)) await this.repeat(kept, epoch);
  }

  // a server that has just come back may not have its streams yet
  private async repeat({ event, until }: Retained, epoch: number): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        await this.publisher.publishEncoded(event);
        return;
      } catch (error) {
        // the next reconnect starts over with everything that is retained
        if (this.isStopped || this.connection.epoch !== epoch || Date.now() > until) return;
        if (attempt === 1) this.log.warn({ err: error, subject: event.subject }, 'not sent again yet');
        await new Promise((resolve) => setTimeout(resolve, Math.min(5_000, 100 * 2 ** attempt)));
      }
    }
  }
}

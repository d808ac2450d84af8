import { setTimeout as pause } from 'node:timers/promises';
import type { Credential } from '@bascule/access';
import { catalogue, serviceNames } from '@bascule/contracts';
import { NATS, type NatsConnectionHolder } from '@bascule/messaging';
import { type ConsumerMessages, DeliverPolicy, type JsMsg } from '@nats-io/jetstream';
import { type BeforeApplicationShutdown, Inject, Injectable, type MessageEvent, type OnModuleInit } from '@nestjs/common';
import { concatMap, concatWith, filter, from, map, type Observable, Subject, takeUntil } from 'rxjs';
import { type LiveEvent, remember } from './live-event.js';
import { maySee } from './may-see.js';

const remembered = 200;
const lookBackMs = 10 * 60_000;
const retryMs = 1_000;
const bulkStream = 'PREDICTIONS';
const streams = [...serviceNames.map((service) => service.toUpperCase()), bulkStream];
const jsonTypes = new Set(catalogue.filter((definition) => 'schema' in definition).map(({ type }) => type as string));

/** Reads every stream without a durable position and hands the events to the pages; a page that missed something reads the APIs. */
@Injectable()
export class LiveService implements OnModuleInit, BeforeApplicationShutdown {
  private recent: LiveEvent[] = [];
  private readonly events = new Subject<LiveEvent>();
  private readonly closing = new Subject<void>();
  private readonly reading = new Set<ConsumerMessages>();
  private isClosing = false;

  constructor(@Inject(NATS) private readonly nats: NatsConnectionHolder) {}

  onModuleInit(): void {
    const since = new Date(Date.now() - lookBackMs).toISOString();
    for (const stream of streams) void this.follow(stream, since);
  }

  // the server closes only when every stream has ended
  beforeApplicationShutdown(): void {
    this.isClosing = true;
    this.closing.next();
    for (const messages of this.reading) messages.stop();
  }

  /** The remembered events, then the live ones, until the console stops or the key is revoked; asked anew for each event. */
  stream(credentialOf: () => Promise<Credential>): Observable<MessageEvent> {
    return from(this.recent).pipe(
      concatWith(this.events),
      takeUntil(this.closing),
      concatMap(async (event) => ({ event, isSeen: maySee(await credentialOf(), event) })),
      filter(({ isSeen }) => isSeen),
      map(({ event }) => ({ id: event.id, data: event })),
    );
  }

  // an ordered consumer ends when its stream goes away; starting again where it stopped keeps the page alive
  private async follow(stream: string, since: string): Promise<void> {
    let startTime = since;
    while (!this.isClosing) {
      try {
        const consumer = await this.nats.js.consumers.get(stream, {
          deliver_policy: DeliverPolicy.StartTime,
          opt_start_time: startTime,
          headers_only: stream === bulkStream,
        });
        const messages = await consumer.consume();
        this.reading.add(messages);
        for await (const message of messages) {
          startTime = new Date().toISOString();
          this.take(message);
        }
        this.reading.delete(messages);
      } catch {
        // the stream or the server is not there yet
      }
      await pause(retryMs);
    }
  }

  private take(message: JsMsg): void {
    const attribute = (name: string) => message.headers?.get(`ce-${name}`) || null;
    const event: LiveEvent = {
      id: attribute('id') ?? `${message.info.stream}-${message.seq}`,
      type: message.subject,
      time: attribute('time') ?? message.time.toISOString(),
      subject: attribute('subject') ?? '',
      causationId: attribute('causationid'),
      data: jsonTypes.has(message.subject) ? parseJson(message) : {},
    };
    this.recent = remember(this.recent, event, remembered);
    this.events.next(event);
  }
}

function parseJson(message: JsMsg): unknown {
  try {
    return message.json();
  } catch {
    return { unreadable: true };
  }
}

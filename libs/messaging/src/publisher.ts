import type { BlockDefinition, EventDefinition } from '@bascule/contracts';
import type { PubAck } from '@nats-io/jetstream';
import { headers as createHeaders } from '@nats-io/transport-node';
import { Inject, Injectable } from '@nestjs/common';
import { NATS, NatsConnectionHolder } from './connection.js';
import { type EncodedEvent, type EventDraft, encodeBlock, encodeEvent } from './encode-event.js';

/** Publishes straight to JetStream and waits for its ack. Services with a database publish through the outbox instead. */
@Injectable()
export class Publisher {
  constructor(@Inject(NATS) private readonly connection: NatsConnectionHolder) {}

  /** Publishes an event; resolves when the stream has it. */
  async publishEvent<Definition extends EventDefinition>(draft: EventDraft<Definition>): Promise<PubAck> {
    return this.publishEncoded(encodeEvent(draft));
  }

  /** Publishes a block; the block's id makes a repeated publish harmless. */
  async publishBlock(definition: BlockDefinition, bytes: Uint8Array, attributes: { id: string; time?: string }): Promise<PubAck> {
    return this.publishEncoded(encodeBlock({ definition, bytes, ...attributes }));
  }

  /** Publishes what was encoded before, as the relay does. Fails at once without a connection: trying again is the caller's. */
  async publishEncoded({ subject, headers, payload }: Pick<EncodedEvent, 'subject' | 'headers' | 'payload'>): Promise<PubAck> {
    const { connection } = this;
    return connection.whileConnected(() => connection.js.publish(subject, payload, { headers: toMsgHdrs(headers) }));
  }
}

/** Headers for the client from a plain record. */
export function toMsgHdrs(record: Readonly<Record<string, string>>) {
  const result = createHeaders();
  for (const [name, value] of Object.entries(record)) result.set(name, value);
  return result;
}

import { catalogue, type EventEnvelope, isJsonEvent } from '@bascule/contracts';
import type { RawMessage, Reaction, ReceivedBlock } from './consume.decorator.js';
import { type HeaderRecord, MalformedMessage, parseJson, parseMessage } from './envelope.js';

/** A message as it was delivered. */
export interface DeliveredMessage {
  readonly stream: string;
  readonly sequence: number;
  readonly subject: string;
  readonly storedAt: string;
  readonly headers: HeaderRecord;
  readonly bytes: Uint8Array;
}

/** What a handler gets, and the envelope the runner needs. */
export interface ReadMessage {
  /** Names the message in the inbox. */
  readonly eventId: string;
  readonly envelope: Omit<EventEnvelope<unknown>, 'data'> | undefined;
  readonly argument: EventEnvelope<unknown> | ReceivedBlock | RawMessage;
}

/**
 * Reads a delivered message for a reaction.
 * @throws MalformedMessage when it is not what its subject promises
 */
export function readMessage(reaction: Reaction, message: DeliveredMessage): ReadMessage {
  if (reaction.kind === 'all') return readAny(message);
  const { envelope, bytes } = parseMessage(message.headers, message.bytes);
  if (envelope.type !== reaction.definition.type) {
    throw new MalformedMessage(`type ${envelope.type} came on subject ${message.subject}`);
  }
  if (reaction.kind === 'block') {
    if (bytes.length === 0) throw new MalformedMessage('block is empty');
    const argument = { id: envelope.id, bytes, time: envelope.time, sequence: message.sequence };
    return { eventId: envelope.id, envelope, argument };
  }
  const parsed = reaction.definition.schema.safeParse(parseJson(bytes));
  if (!parsed.success) {
    const faults = parsed.error.issues.map(({ path, message: fault }) => `${path.join('.') || 'data'}: ${fault}`);
    throw new MalformedMessage(`data does not fit ${envelope.type}: ${faults.join('; ')}`);
  }
  return { eventId: envelope.id, envelope, argument: { ...envelope, data: parsed.data } };
}

function readAny(message: DeliveredMessage): ReadMessage {
  const position = `${message.stream}:${message.sequence}`;
  try {
    const { envelope, bytes } = parseMessage(message.headers, message.bytes);
    const definition = catalogue.find(({ type }) => type === message.subject);
    const data = definition && isJsonEvent(definition) ? parseJson(bytes) : undefined;
    return { eventId: envelope.id, envelope, argument: { ...message, envelope: { ...envelope, data } } };
  } catch (error) {
    if (!(error instanceof MalformedMessage)) throw error;
    return { eventId: position, envelope: undefined, argument: message };
  }
}

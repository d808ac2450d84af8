import { newId } from '@bascule/platform';
import { JetStreamApiError, type StoredMsg } from '@nats-io/jetstream';
import type { NatsConnectionHolder } from './connection.js';
import type { ConsumerSpec } from './consumer-spec.js';
import type { HeaderRecord } from './envelope.js';
import { deadLetterNotFound } from './errors.js';
import { toMsgHdrs } from './publisher.js';
import { deadLetterStream } from './streams.js';

/** A replayed message carries the durable it is meant for; other readers had it already. */
export const replayForHeader = 'bascule-replay-for';

/** A message given up on, with the reason. */
export interface DeadLetter {
  /** Position in the dead-letter stream; names the letter. */
  readonly sequence: number;
  readonly deadAt: string;
  readonly reader: string;
  readonly consumer: string;
  readonly reason: string;
  readonly errorCode: string;
  readonly attempts: number;
  readonly originalSubject: string;
  readonly originalStream: string;
  readonly originalSequence: number;
  readonly eventId: string | undefined;
  readonly headers: HeaderRecord;
  readonly bytes: Uint8Array;
}

export interface FailedMessage {
  readonly subject: string;
  readonly sequence: number;
  readonly headers: HeaderRecord;
  readonly bytes: Uint8Array;
  readonly attempts: number;
  readonly reason: string;
  readonly code: string;
}

const longestReason = 500;
const ownHeaders = /^(bascule-|nats-)/i;

function originalHeaders(headers: HeaderRecord): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !ownHeaders.test(name)));
}

/** Copies a message to the dead-letter stream and waits until it is there; only then may the original be acknowledged. */
export async function publishDeadLetter(connection: NatsConnectionHolder, spec: ConsumerSpec, failed: FailedMessage): Promise<void> {
  const headers = {
    ...originalHeaders(failed.headers),
    // the same failure told twice (a lost ack) is one dead letter
    'Nats-Msg-Id': `dead-letter:${spec.durable}:${spec.stream}:${failed.sequence}`,
    'bascule-reason': failed.reason.replace(/\s+/g, ' ').slice(0, longestReason),
    'bascule-error-code': failed.code,
    'bascule-attempts': String(failed.attempts),
    'bascule-reader': spec.reader,
    'bascule-consumer': spec.durable,
    'bascule-stream': spec.stream,
    'bascule-sequence': String(failed.sequence),
    'bascule-subject': failed.subject,
  };
  const publish = () => connection.js.publish(spec.deadLetterSubject, failed.bytes, { headers: toMsgHdrs(headers) });
  await connection.whileConnected(publish);
}

/** Dead letters from oldest to newest; `cursor` is the sequence to go on after. */
export async function listDeadLetters(
  { jsm }: Pick<NatsConnectionHolder, 'jsm'>,
  { limit = 50, cursor = 0 }: { limit?: number; cursor?: number } = {},
): Promise<{ items: DeadLetter[]; nextCursor: number | undefined }> {
  const { state } = await jsm.streams.info(deadLetterStream);
  const items: DeadLetter[] = [];
  let sequence = Math.max(cursor + 1, state.first_seq);
  for (; sequence <= state.last_seq && items.length < limit; sequence++) {
    const message = await findMessage(jsm, sequence);
    if (message) items.push(deadLetterOf(message));
  }
  return { items, nextCursor: sequence <= state.last_seq ? sequence - 1 : undefined };
}

/** @throws messaging.dead_letter_not_found */
export async function getDeadLetter({ jsm }: Pick<NatsConnectionHolder, 'jsm'>, sequence: number): Promise<DeadLetter> {
  const message = await findMessage(jsm, sequence);
  if (!message) throw deadLetterNotFound({ sequence });
  return deadLetterOf(message);
}

/** Sends the message back to the reader that failed, with its own event id; then the dead letter is gone. */
export async function replayDeadLetter(connection: Pick<NatsConnectionHolder, 'js' | 'jsm'>, sequence: number): Promise<DeadLetter> {
  const letter = await getDeadLetter(connection, sequence);
  const headers = { ...originalHeaders(letter.headers), 'Nats-Msg-Id': newId(), [replayForHeader]: letter.consumer };
  await connection.js.publish(letter.originalSubject, letter.bytes, { headers: toMsgHdrs(headers) });
  await discardDeadLetter(connection, sequence);
  return letter;
}

/** Removes a dead letter for good. */
export async function discardDeadLetter({ jsm }: Pick<NatsConnectionHolder, 'jsm'>, sequence: number): Promise<void> {
  await getDeadLetter({ jsm }, sequence);
  await jsm.streams.deleteMessage(deadLetterStream, sequence);
}

/** Headers of a stored or delivered message as a plain record. */
export function headerRecord(headers: Iterable<[string, string[]]> | undefined): Record<string, string> {
  const record: Record<string, string> = {};
  for (const [name, values] of headers ?? []) record[name] = values[0] ?? '';
  return record;
}

async function findMessage(jsm: NatsConnectionHolder['jsm'], sequence: number): Promise<StoredMsg | undefined> {
  try {
    return (await jsm.streams.getMessage(deadLetterStream, { seq: sequence })) ?? undefined;
  } catch (error) {
    if (error instanceof JetStreamApiError && error.status === 404) return undefined;
    throw error;
  }
}

function deadLetterOf(message: StoredMsg): DeadLetter {
  const headers = headerRecord(message.header);
  const own = (name: string) => headers[`bascule-${name}`] ?? '';
  return {
    sequence: message.seq,
    deadAt: message.time.toISOString(),
    reader: own('reader'),
    consumer: own('consumer'),
    reason: own('reason'),
    errorCode: own('error-code'),
    attempts: Number(own('attempts')),
    originalSubject: own('subject'),
    originalStream: own('stream'),
    originalSequence: Number(own('sequence')),
    eventId: headers['ce-id'],
    headers,
    bytes: message.data,
  };
}

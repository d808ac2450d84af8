import { natsOptions } from '@bascule/launcher';
import { type JetStreamClient, type JetStreamManager, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, headers, type NatsConnection } from '@nats-io/transport-node';
import type { Loop } from './open-loop.js';

export const eventStreams = ['INGESTION', 'TRAINING', 'REGISTRY', 'SERVING', 'MONITORING', 'GOVERNANCE'] as const;
export const allStreams = [...eventStreams, 'PREDICTIONS'] as const;

/** The broker as an operator sees it. */
export interface Broker {
  readonly nc: NatsConnection;
  readonly js: JetStreamClient;
  readonly jsm: JetStreamManager;
  close(): Promise<void>;
}

export async function openBroker(loop: Loop): Promise<Broker> {
  const nc = await connect({ ...natsOptions(loop.stack.info.nats.url), maxReconnectAttempts: -1, reconnectTimeWait: 100 });
  return { nc, js: jetstream(nc), jsm: await jetstreamManager(nc), close: () => nc.close() };
}

/** Number of dead letters. */
export async function deadLetterCount({ jsm }: Broker): Promise<number> {
  return (await jsm.streams.info('DEAD_LETTER')).state.messages;
}

/** True when every durable consumer has acknowledged everything. */
export async function isDrained({ jsm }: Broker): Promise<boolean> {
  for (const stream of allStreams) {
    for await (const consumer of jsm.consumers.list(stream)) {
      if (!consumer.config.durable_name) continue;
      if (consumer.num_pending + consumer.num_ack_pending > 0) return false;
    }
  }
  return true;
}

/** Publishes every stored message again as if its publisher had, under a fresh message id. Returns how many. */
export async function publishHistoryAgain({ js, jsm }: Broker): Promise<number> {
  let count = 0;
  for (const stream of allStreams) {
    const { state } = await jsm.streams.info(stream);
    for (let sequence = state.first_seq; sequence <= state.last_seq; sequence++) {
      const message = await jsm.streams.getMessage(stream, { seq: sequence }).catch(() => null);
      if (!message) continue;
      const copy = headers();
      for (const [name, values] of message.header) {
        if (!name.startsWith('Nats-')) for (const value of values) copy.append(name, value);
      }
      await js.publish(message.subject, message.data, { headers: copy });
      count++;
    }
  }
  return count;
}

/** How many durable readers there are, each with its own position. */
export async function readerCount({ jsm }: Broker): Promise<number> {
  let count = 0;
  for (const stream of allStreams) for await (const { config } of jsm.consumers.list(stream)) if (config.filter_subject) count++;
  return count;
}

import { AckPolicy, type Consumer, type ConsumerConfig, type ConsumerInfo, DeliverPolicy, ReplayPolicy } from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import { apiErrorCode } from './broker-errors.js';
import type { NatsConnectionHolder } from './connection.js';
import type { ConsumerSpec } from './consumer-spec.js';

const consumerNotFound = 10014;
/** How many messages may wait for their next try before the consumer stops getting new ones. */
const maxAckPending = 1000;

function changeable(spec: ConsumerSpec) {
  // the server never redelivers past max_deliver, so the limit on tries is ours alone
  return { ack_wait: nanos(spec.ackWaitMs), max_deliver: -1, max_ack_pending: maxAckPending } satisfies Partial<ConsumerConfig>;
}

/** Creates the durable consumer, or brings an existing one to what the spec says. Safe to call at any time. */
export async function ensureConsumer({ js, jsm }: NatsConnectionHolder, spec: ConsumerSpec): Promise<Consumer> {
  const existing = await findConsumer(jsm, spec);
  if (!existing) {
    await jsm.consumers.add(spec.stream, {
      ...changeable(spec),
      durable_name: spec.durable,
      ack_policy: AckPolicy.Explicit,
      deliver_policy: DeliverPolicy.All,
      replay_policy: ReplayPolicy.Instant,
      ...(spec.subject ? { filter_subject: spec.subject } : {}),
    });
  } else if (Object.entries(changeable(spec)).some(([key, value]) => existing.config[key as keyof ConsumerConfig] !== value)) {
    await jsm.consumers.update(spec.stream, spec.durable, { ...existing.config, ...changeable(spec) });
  }
  return js.consumers.get(spec.stream, spec.durable);
}

async function findConsumer(jsm: NatsConnectionHolder['jsm'], spec: ConsumerSpec): Promise<ConsumerInfo | undefined> {
  try {
    return await jsm.consumers.info(spec.stream, spec.durable);
  } catch (error) {
    if (apiErrorCode(error) === consumerNotFound) return undefined;
    throw error;
  }
}

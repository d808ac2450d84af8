import type { Counter, Metrics } from '@bascule/platform';
import type { ConsumerSpec } from './consumer-spec.js';

export type MessageOutcome = 'handled' | 'duplicate' | 'retried' | 'held' | 'dead-lettered';

/** What happens to messages, per consumer. */
export class MessageMetrics {
  private readonly messages: Counter;
  private readonly pending = new Map<string, { value: number; labels: { consumer: string; stream: string } }>();

  constructor(metrics: Metrics) {
    this.messages = metrics.counter('bascule_consumer_messages_total', 'Messages by consumer and outcome');
    metrics.gauge('bascule_consumer_pending', 'Messages that wait in the stream for this consumer', () => [...this.pending.values()]);
  }

  count(outcome: MessageOutcome, { durable, stream }: ConsumerSpec): void {
    this.messages.add(1, { consumer: durable, stream, outcome });
  }

  /** Remembers how far behind a consumer is. */
  observePending({ durable, stream }: ConsumerSpec, value: number): void {
    this.pending.set(`${stream}/${durable}`, { value, labels: { consumer: durable, stream } });
  }
}

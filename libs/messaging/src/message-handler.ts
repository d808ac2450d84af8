import { type Logger } from '@bascule/platform';
import type { JsMsg } from '@nats-io/jetstream';
import { context as otelContext, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { NatsConnectionHolder } from './connection.js';
import type { ConsumerSpec } from './consumer-spec.js';
import { headerRecord, publishDeadLetter, replayForHeader } from './dead-letter.js';
import { type EventContext, runInEventContext } from './event-context.js';
import type { HandlerScope } from './handler-scope.js';
import type { MessageMetrics } from './message-metrics.js';
import { pauseUntilBack } from './pause.js';
import { type DeliveredMessage, type ReadMessage, readMessage } from './read-message.js';
import { decideSettlement } from './settle.js';
import { contextOf, formatTraceparent } from './trace-context.js';

export interface MessageHandlerParts {
  readonly connection: NatsConnectionHolder;
  readonly spec: ConsumerSpec;
  readonly logger: Logger;
  readonly metrics: MessageMetrics;
  readonly scope: HandlerScope | undefined;
  readonly stopping: AbortSignal;
  readonly invoke: (argument: unknown) => Promise<void>;
}

const deadLetterRetryMs = 5000;
/** A message delivered so often without any outcome kills its reader; nobody gets to count its failures. */
const crashesPerAttempt = 3;

/** Brings one delivered message to an end: acknowledged, to be tried again, or a dead letter. */
export class MessageHandler {
  constructor(private readonly parts: MessageHandlerParts) {}

  /** Never throws. */
  async handle(message: JsMsg): Promise<void> {
    const { spec, logger, metrics } = this.parts;
    metrics.observePending(spec, message.info.pending);
    const heartbeat = setInterval(() => message.working(), spec.ackWaitMs / 3);
    try {
      await this.settle(message);
    } catch (error) {
      // NATS is away: the server delivers the message again and the inbox knows what was done
      logger.warn({ consumer: spec.durable, sequence: message.seq, err: error }, 'message not settled');
    } finally {
      clearInterval(heartbeat);
    }
  }

  /** Brings messages to an end that share a transaction; each on its own when they cannot. Never throws. */
  async handleTogether(messages: readonly JsMsg[]): Promise<void> {
    const { spec, logger, metrics } = this.parts;
    const isFirstTry = messages.every(({ info, headers }) => info.deliveryCount === 1 && !headers?.has(replayForHeader));
    if (messages.length > 1 && isFirstTry) {
      const heartbeat = setInterval(() => {
        for (const message of messages) message.working();
      }, spec.ackWaitMs / 3);
      try {
        const outcomes = await this.reactTogether(messages);
        await Promise.all(messages.map((message) => this.acknowledge(message)));
        for (const outcome of outcomes) metrics.count(outcome, spec);
        return;
      } catch (error) {
        // nothing of it is kept, or the inbox knows of it: each finds its own end
        logger.info({ consumer: spec.durable, count: messages.length, err: error }, 'messages did not settle together');
      } finally {
        clearInterval(heartbeat);
      }
    }
    for (const message of messages) await this.handle(message);
  }

  private async reactTogether(messages: readonly JsMsg[]): Promise<('handled' | 'duplicate')[]> {
    const { spec, scope, metrics } = this.parts;
    if (!scope) throw new Error('there is no transaction to share');
    metrics.observePending(spec, messages.at(-1)!.info.pending);
    const all = messages.map((message) => {
      const delivered = deliveredMessage(spec, message);
      return { delivered, read: readMessage(spec.reaction, delivered) };
    });
    const ids = all.map(({ read }) => read.eventId);
    const fresh = await scope.runTogether(ids, spec.durable, async (wanted) => {
      const left = new Set(wanted);
      for (const { read, delivered } of all) if (left.delete(read.eventId)) await this.invoke(read, delivered, (work) => work());
    });
    return ids.map((id, at) => (fresh.has(id) && ids.indexOf(id) === at ? 'handled' : 'duplicate'));
  }

  private async settle(message: JsMsg): Promise<void> {
    const { spec, metrics, stopping } = this.parts;
    const delivered = deliveredMessage(spec, message);
    const replayFor = delivered.headers[replayForHeader];
    if (replayFor && replayFor !== spec.durable) {
      await this.acknowledge(message);
      return;
    }
    const attempt = message.info.deliveryCount;
    if (attempt > spec.maxAttempts * crashesPerAttempt) {
      await this.bury(message, delivered, { reason: `delivered ${attempt} times without an outcome`, code: 'messaging.never_settled' });
      return;
    }
    for (let holds = 0; ; holds++) {
      try {
        const outcome = await this.react(delivered);
        await this.acknowledge(message);
        metrics.count(outcome, spec);
        return;
      } catch (error) {
        const settlement = decideSettlement({ ...spec, error, attempt, holds });
        this.log(error, settlement.outcome, delivered, attempt);
        if (settlement.outcome === 'dead-letter') {
          await this.bury(message, delivered, settlement);
          return;
        }
        if (settlement.outcome === 'retry' || stopping.aborted) {
          metrics.count('retried', spec);
          message.nak(settlement.delayMs);
          return;
        }
        metrics.count('held', spec);
        await pauseUntilBack(this.parts.connection, settlement.delayMs, stopping);
      }
    }
  }

  private async react(delivered: DeliveredMessage): Promise<'handled' | 'duplicate'> {
    const { spec, scope } = this.parts;
    const read = readMessage(spec.reaction, delivered);
    return this.invoke(read, delivered, async (work, eventContext) => {
      if (scope) return scope.run(read.eventId, spec.durable, eventContext, work);
      await work();
      return 'handled' as const;
    });
  }

  /** Calls the handler as the handling of an event, in a span. @param around what goes around the call */
  private async invoke<T>(
    read: ReadMessage,
    delivered: DeliveredMessage,
    around: (work: () => Promise<void>, context: EventContext) => Promise<T>,
  ): Promise<T> {
    const { invoke } = this.parts;
    return this.inSpan(read, delivered, async (span) => {
      const eventContext: EventContext = {
        correlationId: read.envelope?.correlationid ?? read.eventId,
        causationId: read.eventId,
        traceparent: span.isRecording() ? formatTraceparent(span.spanContext()) : read.envelope?.traceparent,
      };
      return around(() => runInEventContext(eventContext, () => invoke(read.argument)), eventContext);
    });
  }

  private async inSpan<T>(read: ReadMessage, delivered: DeliveredMessage, work: (span: Span) => Promise<T>): Promise<T> {
    const { spec } = this.parts;
    const parent = contextOf(read.envelope?.traceparent);
    const span = trace.getTracer('@bascule/messaging').startSpan(
      `process ${delivered.subject}`,
      {
        kind: SpanKind.CONSUMER,
        attributes: {
          'messaging.system': 'nats',
          'messaging.operation.type': 'process',
          'messaging.destination.name': delivered.subject,
          'messaging.message.id': read.eventId,
          'messaging.consumer.group.name': spec.durable,
        },
      },
      parent,
    );
    try {
      return await otelContext.with(trace.setSpan(parent, span), () => work(span));
    } catch (error) {
      span.recordException(error as Error);
      span.setStatus({ code: SpanStatusCode.ERROR });
      throw error;
    } finally {
      span.end();
    }
  }

  // waits until the server has the ack: one that is lost means the message again
  private async acknowledge(message: JsMsg): Promise<void> {
    await this.parts.connection.whileConnected(() => message.ackAck());
  }

  private async bury(message: JsMsg, delivered: DeliveredMessage, { reason, code }: { reason: string; code: string }): Promise<void> {
    const { connection, spec, metrics } = this.parts;
    try {
      await publishDeadLetter(connection, spec, { ...delivered, attempts: message.info.deliveryCount, reason, code });
    } catch (error) {
      message.nak(deadLetterRetryMs);
      throw error;
    }
    metrics.count('dead-lettered', spec);
    await this.acknowledge(message);
  }

  private log(error: unknown, outcome: string, { subject, sequence }: DeliveredMessage, attempt: number): void {
    const { logger, spec } = this.parts;
    const fields = { consumer: spec.durable, subject, sequence, attempt, outcome, err: error };
    if (outcome === 'dead-letter') logger.error(fields, 'message given up');
    else logger.warn(fields, 'message failed, trying again');
  }
}

function deliveredMessage(spec: ConsumerSpec, message: JsMsg): DeliveredMessage {
  const { stream } = spec;
  const { seq: sequence, subject, data: bytes } = message;
  return { stream, sequence, subject, bytes, headers: headerRecord(message.headers), storedAt: message.time.toISOString() };
}

import { CONFIG, LOGGER, Logger, Metrics, type PlatformConfig, SERVICE_NAME } from '@bascule/platform';
import type { JsMsg } from '@nats-io/jetstream';
import { type BeforeApplicationShutdown, Inject, Injectable, type OnApplicationBootstrap, Optional } from '@nestjs/common';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { NATS, NatsConnectionHolder } from './connection.js';
import { reactionOf } from './consume.decorator.js';
import { type ConsumerSpec, consumersOf } from './consumer-spec.js';
import { HANDLER_SCOPE, type HandlerScope } from './handler-scope.js';
import { Lanes } from './lanes.js';
import { MessageHandler } from './message-handler.js';
import { MessageMetrics } from './message-metrics.js';
import { PullLoop } from './pull-loop.js';
import { STREAM_LIMITS, type StreamLimits } from './settings.js';
import { Together } from './together.js';

interface FoundConsumer {
  readonly spec: ConsumerSpec;
  readonly invoke: (argument: unknown) => Promise<void>;
}

const lagIntervalMs = 15_000;
/** So many messages are looked through for one whose lane is free; each is small, and the server hears of it while it waits. */
const heldForLanes = 256;

/** Finds the methods that react to events, gives each its durable consumer, and stops them in good order. */
@Injectable()
export class ConsumerRunner implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly stopping = new AbortController();
  private readonly loops: PullLoop[] = [];
  private lagTimer: NodeJS.Timeout | undefined;

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    @Inject(NATS) private readonly connection: NatsConnectionHolder,
    @Inject(SERVICE_NAME) private readonly service: string,
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly metrics: Metrics,
    @Inject(CONFIG) private readonly config: PlatformConfig,
    @Inject(STREAM_LIMITS) private readonly limits: StreamLimits,
    @Optional() @Inject(HANDLER_SCOPE) private readonly scope?: HandlerScope,
  ) {}

  onApplicationBootstrap(): void {
    const found = this.findConsumers();
    if (found.length === 0) return;
    const { connection, limits, logger, scope } = this;
    const metrics = new MessageMetrics(this.metrics);
    for (const { spec, invoke } of found) {
      // work takes its time: it must not hold a transaction open, and what it reports is recorded once by who reads it
      const scopeOf = spec.reaction.kind === 'work' ? undefined : scope;
      const handler = new MessageHandler({ connection, spec, logger, metrics, scope: scopeOf, stopping: this.stopping.signal, invoke });
      const together = new Together<JsMsg>(spec.perTransaction, (messages) => handler.handleTogether(messages));
      const lanes = lanesOf(spec, handler);
      if (lanes) this.stopping.signal.addEventListener('abort', () => lanes.stop());
      const handleOne = (message: JsMsg) => lanes?.add(message) ?? handler.handle(message);
      const handle = (message: JsMsg) => (spec.perTransaction > 1 ? together.add(message) : handleOne(message));
      const hands = lanes ? heldForLanes : spec.concurrency;
      const loop = new PullLoop({ connection, spec: { ...spec, concurrency: hands }, limits, logger, handle });
      this.loops.push(loop);
      loop.start();
    }
    const specs = found.map(({ spec }) => spec);
    this.lagTimer = setInterval(() => void this.readLag(specs, metrics), lagIntervalMs).unref();
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.lagTimer);
    this.stopping.abort();
    await Promise.all(this.loops.map((loop) => loop.drain()));
  }

  private findConsumers(): FoundConsumer[] {
    const found: FoundConsumer[] = [];
    const { BASCULE_ACK_WAIT_MS: ackWaitMs, BASCULE_RETRY_DELAYS_MS: retryDelaysMs } = this.config;
    const patience = { ...(ackWaitMs ? { ackWaitMs } : {}), ...(retryDelaysMs ? { retryDelaysMs } : {}) };
    for (const { instance } of this.discovery.getProviders()) {
      if (typeof instance !== 'object' || instance === null) continue;
      for (const name of this.scanner.getAllMethodNames(Object.getPrototypeOf(instance))) {
        const method: unknown = instance[name];
        const reaction = reactionOf(method);
        if (!reaction) continue;
        const invoke = (argument: unknown): Promise<void> => (method as (argument: unknown) => Promise<void>).call(instance, argument);
        found.push(...consumersOf(this.service, reaction, patience, this.config).map((spec) => ({ spec, invoke })));
      }
    }
    refuseSharedDurables(found.map(({ spec }) => spec));
    return found;
  }

  private async readLag(specs: readonly ConsumerSpec[], metrics: MessageMetrics): Promise<void> {
    if (!this.connection.isConnected) return;
    for (const spec of specs) {
      const info = await this.connection.jsm.consumers.info(spec.stream, spec.durable).catch(() => undefined);
      if (info) metrics.observePending(spec, info.num_pending);
    }
  }
}

function lanesOf({ lanes, concurrency, ackWaitMs }: ConsumerSpec, handler: MessageHandler): Lanes<JsMsg> | undefined {
  if (!lanes) return undefined;
  return new Lanes<JsMsg>(
    { atOnce: concurrency, largeAtOnce: lanes.largeAtOnce },
    {
      placeOf: (message) => {
        try {
          return lanes.placeOf(message.json());
        } catch {
          // the handler says what is wrong with it
          return { lane: `message ${message.seq}`, isLarge: false };
        }
      },
      work: (message) => handler.handle(message),
      keep: (message) => message.working(),
      giveBack: (message) => message.nak(),
      keepEveryMs: ackWaitMs / 3,
    },
  );
}

function refuseSharedDurables(specs: readonly ConsumerSpec[]): void {
  const seen = new Set<string>();
  for (const { stream, durable } of specs) {
    const key = `${stream}/${durable}`;
    // two methods on one durable would each see half of the events
    if (seen.has(key)) throw new Error(`two methods react to ${durable}: give one of them the option "name"`);
    seen.add(key);
  }
}

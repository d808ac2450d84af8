import { CONFIG, HealthRegistry, LOGGER, Logger } from '@bascule/platform';
import { type DynamicModule, Global, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { NATS, NatsConnectionHolder } from './connection.js';
import { ConsumerRunner } from './consumer-runner.js';
import { ensureStreams } from './ensure-streams.js';
import { Publisher } from './publisher.js';
import { STREAM_LIMITS, type StreamLimits, type StreamSettings, streamLimits } from './settings.js';

export interface MessagingOptions {
  readonly service: string;
  readonly natsUrl: string;
  readonly limits?: Partial<StreamLimits>;
}

/** The connection to NATS, its streams, the publisher and the consumers of the service. */
@Global()
@Module({})
export class MessagingModule implements OnApplicationShutdown {
  constructor(@Inject(NATS) private readonly connection: NatsConnectionHolder) {}

  static forRoot(options: MessagingOptions): DynamicModule {
    const connection = {
      provide: NATS,
      inject: [STREAM_LIMITS, LOGGER, HealthRegistry],
      useFactory: (limits: StreamLimits, logger: Logger, health: HealthRegistry) => openForService(options, limits, logger, health),
    };
    const limits = {
      provide: STREAM_LIMITS,
      inject: [CONFIG],
      useFactory: (config: StreamSettings) => streamLimits(options.limits, config),
    };
    return {
      module: MessagingModule,
      imports: [DiscoveryModule],
      providers: [limits, connection, { provide: NatsConnectionHolder, useExisting: NATS }, Publisher, ConsumerRunner],
      exports: [NATS, NatsConnectionHolder, Publisher],
    };
  }

  async onApplicationShutdown(): Promise<void> {
    await this.connection.close();
  }
}

async function openForService({ service, natsUrl }: MessagingOptions, limits: StreamLimits, logger: Logger, health: HealthRegistry) {
  logger.info('connecting to NATS');
  const connection = await NatsConnectionHolder.open(natsUrl, service);
  const ensure = () =>
    ensureStreams(connection.jsm, {
      limits,
      onReduced: (scale) => logger.warn({ scale }, 'little disk for NATS: streams are smaller than the settings ask for'),
    });
  await ensure();
  connection.onReconnect(() => {
    logger.warn('connected to NATS again');
    ensure().catch((error: unknown) => logger.error({ err: error }, 'streams could not be checked after the reconnect'));
  });
  health.register('nats', async () => {
    // requests are answered without NATS: predictions from memory, events wait in the outbox
    const critical = false;
    if (!connection.isConnected) return { ok: false, detail: 'not connected', critical };
    await connection.nc.rtt();
    return { ok: true, critical };
  });
  return connection;
}

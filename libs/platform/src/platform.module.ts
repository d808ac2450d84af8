import { type DynamicModule, Global, Module } from '@nestjs/common';
import { Clock } from './clock.js';
import { CONFIG, type PlatformConfig, SERVICE_NAME } from './config.js';
import { HealthRegistry } from './health.js';
import { createLogger, LOGGER, Logger } from './logger.js';
import { Metrics } from './metrics.js';
import { RequestTelemetry } from './request-telemetry.js';
import { RpcTelemetry } from './rpc-telemetry.js';

// one module object per configuration: `start` and a service's own module may both ask for it
const modules = new WeakMap<PlatformConfig, DynamicModule>();

/** Settings, log, clock, health and metrics for every other module. */
@Global()
@Module({})
export class PlatformModule {
  static forRoot({ service, config }: { service: string; config: PlatformConfig }): DynamicModule {
    const existing = modules.get(config);
    if (existing) return existing;
    const logger = createLogger({ service, instanceId: config.INSTANCE_ID, level: config.LOG_LEVEL });
    const module: DynamicModule = {
      module: PlatformModule,
      providers: [
        { provide: CONFIG, useValue: config },
        { provide: SERVICE_NAME, useValue: service },
        { provide: LOGGER, useValue: logger },
        { provide: Logger, useExisting: LOGGER },
        { provide: Metrics, useFactory: () => new Metrics(service) },
        { provide: RequestTelemetry, useFactory: (metrics: Metrics) => new RequestTelemetry(metrics, config), inject: [Metrics] },
        { provide: RpcTelemetry, useFactory: (metrics: Metrics) => new RpcTelemetry(metrics, config), inject: [Metrics] },
        Clock,
        HealthRegistry,
      ],
      exports: [CONFIG, SERVICE_NAME, LOGGER, Logger, Metrics, RequestTelemetry, RpcTelemetry, Clock, HealthRegistry],
    };
    modules.set(config, module);
    return module;
  }
}

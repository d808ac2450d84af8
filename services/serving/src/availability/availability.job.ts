import { availabilityMeasured } from '@bascule/contracts';
import { Clock, CONFIG } from '@bascule/platform';
import { type BeforeApplicationShutdown, Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import type { Config } from '../config.js';
import { RetainedPublisher } from '../publishing/retained-publisher.service.js';
import { AvailabilityCounter } from './availability-counter.service.js';

/** Tells now and then what was counted: error budgets are made of it. Nothing is told of an endpoint that nobody asked. */
@Injectable()
export class AvailabilityJob implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private since: Date;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly counter: AvailabilityCounter,
    private readonly events: RetainedPublisher,
    private readonly clock: Clock,
  ) {
    this.since = clock.now();
  }

  onApplicationBootstrap(): void {
    // while NATS is away no more than a few events pile up: what is counted meanwhile is told in one
    this.timer = setInterval(() => this.events.isBehind || this.tell(), this.config.AVAILABILITY_EVERY_MS).unref();
  }

  beforeApplicationShutdown(): void {
    clearInterval(this.timer);
    this.tell();
  }

  private tell(): void {
    const { INSTANCE_ID: gatewayId, SERVING_ENVIRONMENT: environment } = this.config;
    const [from, to] = [this.since.toISOString(), this.clock.now()];
    this.since = to;
    for (const [modelName, { requests: requestCount, failed: failedCount }] of this.counter.take()) {
      const data = { gatewayId, modelName, environment, from, to: to.toISOString(), requestCount, failedCount };
      this.events.announce({ definition: availabilityMeasured, data });
    }
  }
}

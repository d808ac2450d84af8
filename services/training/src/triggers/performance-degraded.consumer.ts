import { type PerformanceDegraded, performanceDegraded } from '@bascule/contracts';
import { Consume } from '@bascule/messaging';
import { Injectable } from '@nestjs/common';
import { TriggersService } from './triggers.service.js';

@Injectable()
export class PerformanceDegradedConsumer {
  constructor(private readonly triggers: TriggersService) {}

  @Consume(performanceDegraded, { perTransaction: 50 })
  async weighPerformance(event: PerformanceDegraded): Promise<void> {
    await this.triggers.weighPerformance(event);
  }
}

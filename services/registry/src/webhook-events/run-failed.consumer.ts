import { type RunFailed, runFailed } from '@bascule/contracts';
import { Consume } from '@bascule/messaging';
import { Injectable } from '@nestjs/common';
import { DeliveriesService } from '../webhooks/deliveries.service.js';

@Injectable()
export class ToldRunFailedConsumer {
  constructor(private readonly deliveries: DeliveriesService) {}

  @Consume(runFailed, { name: 'webhooks' })
  async tell(event: RunFailed): Promise<void> {
    await this.deliveries.enqueue(event);
  }
}

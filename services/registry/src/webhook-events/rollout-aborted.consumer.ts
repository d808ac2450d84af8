import { type RolloutAborted, rolloutAborted } from '@bascule/contracts';
import { Consume } from '@bascule/messaging';
import { Injectable } from '@nestjs/common';
import { DeliveriesService } from '../webhooks/deliveries.service.js';

@Injectable()
export class ToldRolloutAbortedConsumer {
  constructor(private readonly deliveries: DeliveriesService) {}

  @Consume(rolloutAborted, { name: 'webhooks' })
  async tell(event: RolloutAborted): Promise<void> {
    await this.deliveries.enqueue(event);
  }
}

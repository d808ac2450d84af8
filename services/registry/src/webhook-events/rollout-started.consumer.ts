import { type RolloutStarted, rolloutStarted } from '@bascule/contracts';
import { Consume } from '@bascule/messaging';
import { Injectable } from '@nestjs/common';
import { DeliveriesService } from '../webhooks/deliveries.service.js';

@Injectable()
export class ToldRolloutStartedConsumer {
  constructor(private readonly deliveries: DeliveriesService) {}

  @Consume(rolloutStarted, { name: 'webhooks' })
  async tell(event: RolloutStarted): Promise<void> {
    await this.deliveries.enqueue(event);
  }
}

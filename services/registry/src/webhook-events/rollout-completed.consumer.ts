import { type RolloutCompleted, rolloutCompleted } from '@bascule/contracts';
import { Consume } from '@bascule/messaging';
import { Injectable } from '@nestjs/common';
import { DeliveriesService } from '../webhooks/deliveries.service.js';

@Injectable()
export class ToldRolloutCompletedConsumer {
  constructor(private readonly deliveries: DeliveriesService) {}

  @Consume(rolloutCompleted, { name: 'webhooks' })
  async tell(event: RolloutCompleted): Promise<void> {
    await this.deliveries.enqueue(event);
  }
}

import { type RolloutRolledBack, rolloutRolledBack } from '@bascule/contracts';
import { Consume } from '@bascule/messaging';
import { Injectable } from '@nestjs/common';
import { DeliveriesService } from '../webhooks/deliveries.service.js';

@Injectable()
export class ToldRolloutRolledBackConsumer {
  constructor(private readonly deliveries: DeliveriesService) {}

  @Consume(rolloutRolledBack, { name: 'webhooks' })
  async tell(event: RolloutRolledBack): Promise<void> {
    await this.deliveries.enqueue(event);
  }
}

import { type AliasMoved, aliasMoved } from '@bascule/contracts';
import { Consume } from '@bascule/messaging';
import { Injectable } from '@nestjs/common';
import { DeliveriesService } from '../webhooks/deliveries.service.js';

@Injectable()
export class ToldAliasMovedConsumer {
  constructor(private readonly deliveries: DeliveriesService) {}

  @Consume(aliasMoved, { name: 'webhooks' })
  async tell(event: AliasMoved): Promise<void> {
    await this.deliveries.enqueue(event);
  }
}

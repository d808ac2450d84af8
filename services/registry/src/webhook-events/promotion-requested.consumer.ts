import { type PromotionRequested, promotionRequested } from '@bascule/contracts';
import { Consume } from '@bascule/messaging';
import { Injectable } from '@nestjs/common';
import { DeliveriesService } from '../webhooks/deliveries.service.js';

@Injectable()
export class ToldPromotionRequestedConsumer {
  constructor(private readonly deliveries: DeliveriesService) {}

  @Consume(promotionRequested, { name: 'webhooks' })
  async tell(event: PromotionRequested): Promise<void> {
    await this.deliveries.enqueue(event);
  }
}

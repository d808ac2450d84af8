import { type PromotionRefused, promotionRefused } from '@bascule/contracts';
import { Consume } from '@bascule/messaging';
import { Injectable } from '@nestjs/common';
import { DeliveriesService } from '../webhooks/deliveries.service.js';

@Injectable()
export class ToldPromotionRefusedConsumer {
  constructor(private readonly deliveries: DeliveriesService) {}

  @Consume(promotionRefused, { name: 'webhooks' })
  async tell(event: PromotionRefused): Promise<void> {
    await this.deliveries.enqueue(event);
  }
}

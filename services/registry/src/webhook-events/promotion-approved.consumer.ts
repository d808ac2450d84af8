import { type PromotionApproved, promotionApproved } from '@bascule/contracts';
import { Consume } from '@bascule/messaging';
import { Injectable } from '@nestjs/common';
import { DeliveriesService } from '../webhooks/deliveries.service.js';

@Injectable()
export class ToldPromotionApprovedConsumer {
  constructor(private readonly deliveries: DeliveriesService) {}

  @Consume(promotionApproved, { name: 'webhooks' })
  async tell(event: PromotionApproved): Promise<void> {
    await this.deliveries.enqueue(event);
  }
}

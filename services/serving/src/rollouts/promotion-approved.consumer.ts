import { type PromotionApproved, promotionApproved } from '@bascule/contracts';
import { Consume } from '@bascule/messaging';
import { Injectable } from '@nestjs/common';
import { RolloutsService } from './rollouts.service.js';

@Injectable()
export class PromotionApprovedConsumer {
  constructor(private readonly rollouts: RolloutsService) {}

  @Consume(promotionApproved)
  async startRollout({ data }: PromotionApproved): Promise<void> {
    await this.rollouts.request(data);
  }
}

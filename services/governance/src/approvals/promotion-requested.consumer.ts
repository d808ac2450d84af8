import { type PromotionRequested, promotionRequested } from '@bascule/contracts';
import { Consume } from '@bascule/messaging';
import { Injectable } from '@nestjs/common';
import { ApprovalsService } from './approvals.service.js';

@Injectable()
export class PromotionRequestedConsumer {
  constructor(private readonly approvals: ApprovalsService) {}

  @Consume(promotionRequested)
  async openApproval(event: PromotionRequested): Promise<void> {
    await this.approvals.open(event);
  }
}

import { type PromotionRefused, promotionRefused } from '@bascule/contracts';
import { Consume } from '@bascule/messaging';
import { Injectable } from '@nestjs/common';
import { ApprovalsService } from './approvals.service.js';

@Injectable()
export class PromotionRefusedConsumer {
  constructor(private readonly approvals: ApprovalsService) {}

  @Consume(promotionRefused)
  async closeApproval(event: PromotionRefused): Promise<void> {
    await this.approvals.close(event);
  }
}

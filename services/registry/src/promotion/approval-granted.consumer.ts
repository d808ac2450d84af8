import { type ApprovalGranted, approvalGranted } from '@bascule/contracts';
import { Consume } from '@bascule/messaging';
import { Injectable } from '@nestjs/common';
import { PromotionDecisionService } from './promotion-decision.service.js';

@Injectable()
export class ApprovalGrantedConsumer {
  constructor(private readonly promotions: PromotionDecisionService) {}

  @Consume(approvalGranted)
  async decidePromotion({ data }: ApprovalGranted): Promise<void> {
    await this.promotions.takeApproval(data);
  }
}

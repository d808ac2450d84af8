import { type ApprovalDenied, approvalDenied } from '@bascule/contracts';
import { Consume } from '@bascule/messaging';
import { Injectable } from '@nestjs/common';
import { PromotionDecisionService } from './promotion-decision.service.js';

@Injectable()
export class ApprovalDeniedConsumer {
  constructor(private readonly promotions: PromotionDecisionService) {}

  @Consume(approvalDenied)
  async refusePromotion({ data }: ApprovalDenied): Promise<void> {
    await this.promotions.takeDenial(data);
  }
}

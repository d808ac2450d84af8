import { type ApprovalDenied, approvalDenied } from '@bascule/contracts';
import { Consume } from '@bascule/messaging';
import { Injectable } from '@nestjs/common';
import { DeliveriesService } from '../webhooks/deliveries.service.js';

@Injectable()
export class ToldApprovalDeniedConsumer {
  constructor(private readonly deliveries: DeliveriesService) {}

  @Consume(approvalDenied, { name: 'webhooks' })
  async tell(event: ApprovalDenied): Promise<void> {
    await this.deliveries.enqueue(event);
  }
}

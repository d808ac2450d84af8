import { type ApprovalGranted, approvalGranted } from '@bascule/contracts';
import { Consume } from '@bascule/messaging';
import { Injectable } from '@nestjs/common';
import { DeliveriesService } from '../webhooks/deliveries.service.js';

@Injectable()
export class ToldApprovalGrantedConsumer {
  constructor(private readonly deliveries: DeliveriesService) {}

  @Consume(approvalGranted, { name: 'webhooks' })
  async tell(event: ApprovalGranted): Promise<void> {
    await this.deliveries.enqueue(event);
  }
}

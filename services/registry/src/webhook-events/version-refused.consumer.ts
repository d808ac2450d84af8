import { type VersionRefused, versionRefused } from '@bascule/contracts';
import { Consume } from '@bascule/messaging';
import { Injectable } from '@nestjs/common';
import { DeliveriesService } from '../webhooks/deliveries.service.js';

@Injectable()
export class ToldVersionRefusedConsumer {
  constructor(private readonly deliveries: DeliveriesService) {}

  @Consume(versionRefused, { name: 'webhooks' })
  async tell(event: VersionRefused): Promise<void> {
    await this.deliveries.enqueue(event);
  }
}

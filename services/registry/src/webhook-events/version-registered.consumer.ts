import { type VersionRegistered, versionRegistered } from '@bascule/contracts';
import { Consume } from '@bascule/messaging';
import { Injectable } from '@nestjs/common';
import { DeliveriesService } from '../webhooks/deliveries.service.js';

@Injectable()
export class ToldVersionRegisteredConsumer {
  constructor(private readonly deliveries: DeliveriesService) {}

  @Consume(versionRegistered, { name: 'webhooks' })
  async tell(event: VersionRegistered): Promise<void> {
    await this.deliveries.enqueue(event);
  }
}

import { type AliasMoved, aliasMoved } from '@bascule/contracts';
import { Consume } from '@bascule/messaging';
import { Injectable } from '@nestjs/common';
import { EndpointsService } from './endpoints.service.js';

@Injectable()
export class AliasMovedConsumer {
  constructor(private readonly endpoints: EndpointsService) {}

  @Consume(aliasMoved)
  async releaseFormerChampion({ data }: AliasMoved): Promise<void> {
    if (data.alias === 'champion') await this.endpoints.releaseWaiting(data.modelName, data.environment, data.version);
  }
}

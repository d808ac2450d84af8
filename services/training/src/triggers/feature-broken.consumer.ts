import { type FeatureBroken, featureBroken } from '@bascule/contracts';
import { Consume } from '@bascule/messaging';
import { Injectable } from '@nestjs/common';
import { TriggersService } from './triggers.service.js';

@Injectable()
export class FeatureBrokenConsumer {
  constructor(private readonly triggers: TriggersService) {}

  @Consume(featureBroken)
  async holdBroken(event: FeatureBroken): Promise<void> {
    await this.triggers.holdBroken(event);
  }
}

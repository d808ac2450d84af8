import { type RolloutAdvanced, rolloutAdvanced } from '@bascule/contracts';
import { Consume } from '@bascule/messaging';
import { Injectable } from '@nestjs/common';
import { RolloutsService } from './rollouts.service.js';

@Injectable()
export class RolloutAdvancedConsumer {
  constructor(private readonly rollouts: RolloutsService) {}

  @Consume(rolloutAdvanced)
  async enterNextStep({ data, time }: RolloutAdvanced): Promise<void> {
    await this.rollouts.enterStep(data, time);
  }
}

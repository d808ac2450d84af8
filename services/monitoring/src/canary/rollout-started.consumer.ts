import { type RolloutStarted, rolloutStarted } from '@bascule/contracts';
import { Consume } from '@bascule/messaging';
import { Injectable } from '@nestjs/common';
import { RolloutsService } from './rollouts.service.js';

@Injectable()
export class RolloutStartedConsumer {
  constructor(private readonly rollouts: RolloutsService) {}

  @Consume(rolloutStarted)
  async enterFirstStep({ data, time }: RolloutStarted): Promise<void> {
    await this.rollouts.enterStep(data, time);
  }
}

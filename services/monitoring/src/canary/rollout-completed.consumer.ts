import { type RolloutCompleted, rolloutCompleted } from '@bascule/contracts';
import { Consume } from '@bascule/messaging';
import { Injectable } from '@nestjs/common';
import { RolloutsService } from './rollouts.service.js';

@Injectable()
export class RolloutCompletedConsumer {
  constructor(private readonly rollouts: RolloutsService) {}

  @Consume(rolloutCompleted)
  async stopJudging({ data, time }: RolloutCompleted): Promise<void> {
    await this.rollouts.end(data, 'completed', time);
  }
}

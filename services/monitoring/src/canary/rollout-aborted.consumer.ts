import { type RolloutAborted, rolloutAborted } from '@bascule/contracts';
import { Consume } from '@bascule/messaging';
import { Injectable } from '@nestjs/common';
import { RolloutsService } from './rollouts.service.js';

@Injectable()
export class RolloutAbortedConsumer {
  constructor(private readonly rollouts: RolloutsService) {}

  @Consume(rolloutAborted)
  async stopJudging({ data, time }: RolloutAborted): Promise<void> {
    await this.rollouts.end(data, data.outcome === 'no-winner' ? 'finished without a winner' : 'aborted', time);
  }
}

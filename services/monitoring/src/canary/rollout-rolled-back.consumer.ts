import { type RolloutRolledBack, rolloutRolledBack } from '@bascule/contracts';
import { Consume } from '@bascule/messaging';
import { Injectable } from '@nestjs/common';
import { RolloutsService } from './rollouts.service.js';

@Injectable()
export class RolloutRolledBackConsumer {
  constructor(private readonly rollouts: RolloutsService) {}

  @Consume(rolloutRolledBack)
  async stopJudging({ data, time }: RolloutRolledBack): Promise<void> {
    await this.rollouts.end(data, 'rolled back', time);
  }
}

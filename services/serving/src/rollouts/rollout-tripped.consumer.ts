import { type RolloutTripped, rolloutTripped } from '@bascule/contracts';
import { Consume } from '@bascule/messaging';
import { Injectable } from '@nestjs/common';
import { RolloutsService } from './rollouts.service.js';

@Injectable()
export class RolloutTrippedConsumer {
  constructor(private readonly rollouts: RolloutsService) {}

  @Consume(rolloutTripped)
  async rollBack({ data }: RolloutTripped): Promise<void> {
    await this.rollouts.trip(data);
  }
}

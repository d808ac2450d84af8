import { type RolloutRolledBack, rolloutRolledBack } from '@bascule/contracts';
import { Consume } from '@bascule/messaging';
import { Injectable } from '@nestjs/common';
import { OutcomesService } from './outcomes.service.js';

@Injectable()
export class RolloutRolledBackConsumer {
  constructor(private readonly outcomes: OutcomesService) {}

  @Consume(rolloutRolledBack)
  async endPromotion({ data }: RolloutRolledBack): Promise<void> {
    await this.outcomes.end(data, 'rolled-back');
  }
}

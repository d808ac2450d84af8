import { type RolloutCompleted, rolloutCompleted } from '@bascule/contracts';
import { Consume } from '@bascule/messaging';
import { Injectable } from '@nestjs/common';
import { OutcomesService } from './outcomes.service.js';

@Injectable()
export class RolloutCompletedConsumer {
  constructor(private readonly outcomes: OutcomesService) {}

  @Consume(rolloutCompleted)
  async moveChampion({ data, time }: RolloutCompleted): Promise<void> {
    await this.outcomes.complete(data, new Date(time));
  }
}

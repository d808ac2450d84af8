import { type RolloutAborted, rolloutAborted } from '@bascule/contracts';
import { Consume } from '@bascule/messaging';
import { Injectable } from '@nestjs/common';
import { OutcomesService } from './outcomes.service.js';

@Injectable()
export class RolloutAbortedConsumer {
  constructor(private readonly outcomes: OutcomesService) {}

  @Consume(rolloutAborted)
  async endPromotion({ data }: RolloutAborted): Promise<void> {
    await this.outcomes.end(data, 'aborted', data.isMarked);
  }
}

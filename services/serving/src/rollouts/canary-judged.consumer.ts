import { type CanaryJudged, canaryJudged } from '@bascule/contracts';
import { Consume } from '@bascule/messaging';
import { Injectable } from '@nestjs/common';
import { RolloutsService } from './rollouts.service.js';

@Injectable()
export class CanaryJudgedConsumer {
  constructor(private readonly rollouts: RolloutsService) {}

  @Consume(canaryJudged)
  async applyVerdict({ data }: CanaryJudged): Promise<void> {
    await this.rollouts.judge(data);
  }
}

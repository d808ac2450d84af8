import { type LoopUnfrozen, loopUnfrozen } from '@bascule/contracts';
import { Consume } from '@bascule/messaging';
import { Injectable } from '@nestjs/common';
import { RolloutsService } from './rollouts.service.js';

@Injectable()
export class LoopUnfrozenConsumer {
  constructor(private readonly rollouts: RolloutsService) {}

  @Consume(loopUnfrozen)
  async resumeRollouts(_event: LoopUnfrozen): Promise<void> {
    await this.rollouts.resumeAll();
  }
}

import { type LoopUnfrozen, loopUnfrozen } from '@bascule/contracts';
import { Consume } from '@bascule/messaging';
import { Injectable } from '@nestjs/common';
import { TriggersService } from './triggers.service.js';

@Injectable()
export class LoopUnfrozenConsumer {
  constructor(private readonly triggers: TriggersService) {}

  @Consume(loopUnfrozen)
  async weighHeldCauses(_event: LoopUnfrozen): Promise<void> {
    await this.triggers.weighAllPending();
  }
}

import { FreezeSwitch } from '@bascule/access';
import { type LoopUnfrozen, loopUnfrozen } from '@bascule/contracts';
import { Consume } from '@bascule/messaging';
import { Injectable } from '@nestjs/common';
import { switchNotSeen } from '../errors.js';
import { PromotionDecisionService } from './promotion-decision.service.js';

@Injectable()
export class LoopUnfrozenConsumer {
  constructor(
    private readonly promotions: PromotionDecisionService,
    private readonly freeze: FreezeSwitch,
  ) {}

  @Consume(loopUnfrozen)
  async decideWaitingPromotions({ time }: LoopUnfrozen): Promise<void> {
    // event and switch travel on different ways: a switch older than the event has not arrived yet
    const state = this.freeze.state();
    if (state?.frozen && Date.parse(state.since) <= Date.parse(time)) throw switchNotSeen();
    await this.promotions.decideWaiting();
  }
}

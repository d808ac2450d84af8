import { Logger } from '@bascule/platform';
import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { PromotionDecisionService } from './promotion-decision.service.js';

const intervalMs = 5000;

/** Ends requests that have expired; decides those whose freeze is over, also one that began to wait as the loop was unfrozen. */
@Injectable()
export class WaitingPromotionsJob implements OnApplicationBootstrap, OnModuleDestroy {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly promotions: PromotionDecisionService,
    private readonly log: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.decideWaiting(), intervalMs).unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  private async decideWaiting(): Promise<void> {
    try {
      await this.promotions.endExpired();
      await this.promotions.decideWaiting(intervalMs);
    } catch (error) {
      this.log.warn({ err: error }, 'waiting promotions were not decided; tried again soon');
    }
  }
}

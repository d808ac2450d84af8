import { type DriftDetected, driftDetected } from '@bascule/contracts';
import { Consume } from '@bascule/messaging';
import { Injectable } from '@nestjs/common';
import { TriggersService } from './triggers.service.js';

@Injectable()
export class DriftDetectedConsumer {
  constructor(private readonly triggers: TriggersService) {}

  @Consume(driftDetected, { perTransaction: 50 })
  async weighDrift(event: DriftDetected): Promise<void> {
    await this.triggers.weighDrift(event);
  }
}

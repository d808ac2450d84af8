import { type BatchRejected, batchRejected } from '@bascule/contracts';
import { Consume } from '@bascule/messaging';
import { Injectable } from '@nestjs/common';
import { TriggersService } from './triggers.service.js';

@Injectable()
export class BatchRejectedConsumer {
  constructor(private readonly triggers: TriggersService) {}

  @Consume(batchRejected)
  async holdRejected(event: BatchRejected): Promise<void> {
    await this.triggers.holdRejected(event);
  }
}

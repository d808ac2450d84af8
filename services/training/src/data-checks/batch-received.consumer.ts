import { type BatchReceived, batchReceived } from '@bascule/contracts';
import { Consume } from '@bascule/messaging';
import { Injectable } from '@nestjs/common';
import { BatchChecksService } from './batch-checks.service.js';

@Injectable()
export class BatchReceivedConsumer {
  constructor(private readonly batches: BatchChecksService) {}

  @Consume(batchReceived)
  async noteBatch(event: BatchReceived): Promise<void> {
    await this.batches.noteReceived(event);
  }
}

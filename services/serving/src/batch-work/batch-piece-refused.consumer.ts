import { type BatchPieceRefused, batchPieceRefused } from '@bascule/contracts';
import { Consume } from '@bascule/messaging';
import { Injectable } from '@nestjs/common';
import { BatchProgress } from './batch-progress.service.js';

@Injectable()
export class BatchPieceRefusedConsumer {
  constructor(private readonly progress: BatchProgress) {}

  @Consume(batchPieceRefused)
  async failJob({ data }: BatchPieceRefused): Promise<void> {
    await this.progress.recordRefusal(data);
  }
}

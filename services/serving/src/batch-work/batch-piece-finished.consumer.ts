import { type BatchPieceFinished, batchPieceFinished } from '@bascule/contracts';
import { Consume } from '@bascule/messaging';
import { Injectable } from '@nestjs/common';
import { BatchProgress } from './batch-progress.service.js';

@Injectable()
export class BatchPieceFinishedConsumer {
  constructor(private readonly progress: BatchProgress) {}

  @Consume(batchPieceFinished)
  async recordResult({ data }: BatchPieceFinished): Promise<void> {
    await this.progress.recordResult(data);
  }
}

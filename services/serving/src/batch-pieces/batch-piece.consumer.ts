import { Work } from '@bascule/messaging';
import { Injectable } from '@nestjs/common';
import { type BatchPiece, batchPiece } from './batch-piece.js';
import { BatchPieces } from './batch-pieces.service.js';

@Injectable()
export class BatchPieceConsumer {
  constructor(private readonly pieces: BatchPieces) {}

  @Work(batchPiece, { concurrency: 'BATCH_PIECES_AT_ONCE' })
  async predictPiece({ data }: BatchPiece): Promise<void> {
    await this.pieces.work(data);
  }
}

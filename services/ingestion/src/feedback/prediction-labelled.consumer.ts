import { predictionLabelled } from '@bascule/contracts';
import { ConsumeBlock, type ReceivedBlock } from '@bascule/messaging';
import { LabelledBlockSchema } from '@bascule/proto';
import { fromBinary } from '@bufbuild/protobuf';
import { Injectable } from '@nestjs/common';
import { FeedbackService } from './feedback.service.js';

@Injectable()
export class PredictionLabelledConsumer {
  constructor(private readonly feedback: FeedbackService) {}

  @ConsumeBlock(predictionLabelled)
  async keepRows({ bytes }: ReceivedBlock): Promise<void> {
    await this.feedback.take(fromBinary(LabelledBlockSchema, bytes));
  }
}

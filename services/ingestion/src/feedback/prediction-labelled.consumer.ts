import { predictionLabelled } from '@bascule/contracts';
import { ConsumeBlock, MalformedMessage, type ReceivedBlock } from '@bascule/messaging';
import { type LabelledBlock, LabelledBlockSchema } from '@bascule/proto';
import { fromBinary } from '@bufbuild/protobuf';
import { Injectable } from '@nestjs/common';
import { FeedbackService } from './feedback.service.js';

@Injectable()
export class PredictionLabelledConsumer {
  constructor(private readonly feedback: FeedbackService) {}

  @ConsumeBlock(predictionLabelled)
  async keepRows({ bytes }: ReceivedBlock): Promise<void> {
    await this.feedback.take(labelledBlockOf(bytes));
  }
}

function labelledBlockOf(bytes: Uint8Array): LabelledBlock {
  try {
    return fromBinary(LabelledBlockSchema, bytes);
  } catch (error) {
    // no number of tries will make it readable
    throw new MalformedMessage(`not a block of labelled predictions: ${(error as Error).message}`);
  }
}

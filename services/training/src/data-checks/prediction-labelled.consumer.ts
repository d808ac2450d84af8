import { predictionLabelled } from '@bascule/contracts';
import { ConsumeBlock, MalformedMessage, type ReceivedBlock } from '@bascule/messaging';
import { type LabelledBlock, LabelledBlockSchema } from '@bascule/proto';
import { fromBinary } from '@bufbuild/protobuf';
import { Injectable } from '@nestjs/common';
import { LabelSelectionsService } from './label-selections.service.js';

@Injectable()
export class PredictionLabelledConsumer {
  constructor(private readonly selections: LabelSelectionsService) {}

  @ConsumeBlock(predictionLabelled)
  async countSelections({ bytes }: ReceivedBlock): Promise<void> {
    await this.selections.count(labelledBlockOf(bytes));
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

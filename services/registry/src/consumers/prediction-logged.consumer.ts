import { predictionLogged } from '@bascule/contracts';
import { ConsumeBlock, MalformedMessage, type ReceivedBlock } from '@bascule/messaging';
import { type PredictionBlock, PredictionBlockSchema } from '@bascule/proto';
import { fromBinary } from '@bufbuild/protobuf';
import { Injectable } from '@nestjs/common';
import { ConsumersService } from './consumers.service.js';

@Injectable()
export class PredictionLoggedConsumer {
  constructor(private readonly consumers: ConsumersService) {}

  @ConsumeBlock(predictionLogged)
  async noteRequests({ bytes }: ReceivedBlock): Promise<void> {
    await this.consumers.note(blockOf(bytes));
  }
}

function blockOf(bytes: Uint8Array): PredictionBlock {
  try {
    return fromBinary(PredictionBlockSchema, bytes);
  } catch (error) {
    throw new MalformedMessage(`not a block of predictions: ${(error as Error).message}`);
  }
}

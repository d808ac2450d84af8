import { predictionLogged } from '@bascule/contracts';
import { ConsumeBlock, MalformedMessage, type ReceivedBlock } from '@bascule/messaging';
import { decodePredictionBlock, type PredictionBlock } from '@bascule/proto';
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
    return decodePredictionBlock(bytes);
  } catch (error) {
    throw new MalformedMessage(`not a block of predictions: ${(error as Error).message}`);
  }
}

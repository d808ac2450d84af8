import { predictionLogged } from '@bascule/contracts';
import { ConsumeBlock, type ReceivedBlock } from '@bascule/messaging';
import { Injectable } from '@nestjs/common';
import { PredictionsService } from './predictions.service.js';

@Injectable()
export class PredictionLoggedConsumer {
  constructor(private readonly predictions: PredictionsService) {}

  @ConsumeBlock(predictionLogged, { concurrency: 4 })
  async storeBlock({ bytes }: ReceivedBlock): Promise<void> {
    await this.predictions.store(bytes);
  }
}

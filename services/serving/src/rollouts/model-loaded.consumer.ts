import { type ModelLoaded, modelLoaded } from '@bascule/contracts';
import { Consume } from '@bascule/messaging';
import { Injectable } from '@nestjs/common';
import { RolloutsService } from './rollouts.service.js';

@Injectable()
export class ModelLoadedConsumer {
  constructor(private readonly rollouts: RolloutsService) {}

  @Consume(modelLoaded)
  async startTraffic({ data }: ModelLoaded): Promise<void> {
    await this.rollouts.noteLoaded(data);
  }
}

import { type ModelLoadRefused, modelLoadRefused } from '@bascule/contracts';
import { Consume } from '@bascule/messaging';
import { Injectable } from '@nestjs/common';
import { RolloutsService } from './rollouts.service.js';

@Injectable()
export class ModelLoadRefusedConsumer {
  constructor(private readonly rollouts: RolloutsService) {}

  @Consume(modelLoadRefused)
  async abortRollout({ data }: ModelLoadRefused): Promise<void> {
    await this.rollouts.noteRefused(data);
  }
}

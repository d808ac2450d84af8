import { type DatasetPublished, datasetPublished } from '@bascule/contracts';
import { Consume } from '@bascule/messaging';
import { Injectable } from '@nestjs/common';
import { TriggersService } from './triggers.service.js';

@Injectable()
export class DatasetPublishedConsumer {
  constructor(private readonly triggers: TriggersService) {}

  @Consume(datasetPublished)
  async weighDataset(event: DatasetPublished): Promise<void> {
    await this.triggers.weighDataset(event);
  }
}

import { type DatasetPublished, datasetPublished } from '@bascule/contracts';
import { Consume } from '@bascule/messaging';
import { Injectable } from '@nestjs/common';
import { DataVerdictsService } from './data-verdicts.service.js';

@Injectable()
export class DatasetPublishedConsumer {
  constructor(private readonly verdicts: DataVerdictsService) {}

  @Consume(datasetPublished)
  async noteVersion({ data }: DatasetPublished): Promise<void> {
    await this.verdicts.noteVersion(data);
  }
}

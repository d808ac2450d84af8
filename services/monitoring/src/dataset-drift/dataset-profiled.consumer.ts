import { type DatasetProfiled, datasetProfiled } from '@bascule/contracts';
import { Consume } from '@bascule/messaging';
import { Injectable } from '@nestjs/common';
import { DatasetDriftService } from './dataset-drift.service.js';

@Injectable()
export class DatasetProfiledConsumer {
  constructor(private readonly drift: DatasetDriftService) {}

  @Consume(datasetProfiled)
  async keepProfile(event: DatasetProfiled): Promise<void> {
    await this.drift.keepProfile(event);
  }
}

import { type DatasetProfiled, datasetProfiled } from '@bascule/contracts';
import { Consume } from '@bascule/messaging';
import { Injectable } from '@nestjs/common';
import { DatasetProfilesService } from './dataset-profiles.service.js';

@Injectable()
export class DatasetProfiledConsumer {
  constructor(private readonly profiles: DatasetProfilesService) {}

  @Consume(datasetProfiled)
  async noteProfile(event: DatasetProfiled): Promise<void> {
    await this.profiles.record(event);
  }
}

import { Module } from '@nestjs/common';
import { DatasetProfiledConsumer } from './dataset-profiled.consumer.js';
import { DatasetProfilesService } from './dataset-profiles.service.js';
import { DatasetsService } from './datasets.service.js';

@Module({
  providers: [DatasetsService, DatasetProfilesService, DatasetProfiledConsumer],
  exports: [DatasetsService, DatasetProfilesService],
})
export class DatasetsModule {}

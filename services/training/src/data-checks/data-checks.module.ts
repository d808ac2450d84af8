import { Module } from '@nestjs/common';
import { DatasetsModule } from '../datasets/datasets.module.js';
import { BatchChecksService } from './batch-checks.service.js';
import { BatchReceivedConsumer } from './batch-received.consumer.js';
import { DataFactsService } from './data-facts.service.js';
import { LabelFactsService } from './label-facts.service.js';
import { LabelSelectionsService } from './label-selections.service.js';
import { PredictionLabelledConsumer } from './prediction-labelled.consumer.js';

@Module({
  imports: [DatasetsModule],
  providers: [
    BatchChecksService,
    LabelFactsService,
    LabelSelectionsService,
    DataFactsService,
    BatchReceivedConsumer,
    PredictionLabelledConsumer,
  ],
  exports: [BatchChecksService, DataFactsService],
})
export class DataChecksModule {}

import { Module } from '@nestjs/common';
import { BatchesModule } from '../batches/batches.module.js';
import { ContractsModule } from '../contracts/contracts.module.js';
import { DatasetsModule } from '../datasets/datasets.module.js';
import { FeedbackController } from './feedback.controller.js';
import { FeedbackService } from './feedback.service.js';
import { FlushJob } from './flush.job.js';
import { PendingRows } from './pending-rows.queries.js';
import { PredictionLabelledConsumer } from './prediction-labelled.consumer.js';

@Module({
  imports: [BatchesModule, ContractsModule, DatasetsModule],
  controllers: [FeedbackController],
  providers: [FeedbackService, PendingRows, FlushJob, PredictionLabelledConsumer],
})
export class FeedbackModule {}

import { Module } from '@nestjs/common';
import { BatchesModule } from '../batches/batches.module.js';
import { ContractsModule } from '../contracts/contracts.module.js';
import { DatasetsModule } from '../datasets/datasets.module.js';
import { FlushPushesJob } from './flush-pushes.job.js';
import { PushedRecordsConsumer } from './pushed-records.consumer.js';
import { WaitingRecords } from './pushed-records.queries.js';
import { PushesService } from './pushes.service.js';

/** Records by NATS. */
@Module({
  imports: [BatchesModule, ContractsModule, DatasetsModule],
  providers: [PushesService, WaitingRecords, PushedRecordsConsumer, FlushPushesJob],
})
export class PushesModule {}

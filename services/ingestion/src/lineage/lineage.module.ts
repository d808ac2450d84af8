import { Module } from '@nestjs/common';
import { BatchesModule } from '../batches/batches.module.js';
import { ContractsModule } from '../contracts/contracts.module.js';
import { DatasetsModule } from '../datasets/datasets.module.js';
import { BatchLineageConsumer } from './batch-lineage.consumer.js';
import { LineageController } from './lineage.controller.js';
import { LineageService } from './lineage.service.js';
import { LineageEndpoint } from './lineage-endpoint.runtime.js';

@Module({
  imports: [BatchesModule, ContractsModule, DatasetsModule],
  controllers: [LineageController],
  providers: [LineageService, LineageEndpoint, BatchLineageConsumer],
})
export class LineageModule {}

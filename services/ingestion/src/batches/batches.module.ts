import { Module } from '@nestjs/common';
import { ContractsModule } from '../contracts/contracts.module.js';
import { DatasetsModule } from '../datasets/datasets.module.js';
import { BatchesController } from './batches.controller.js';
import { BatchesService } from './batches.service.js';
import { ContentInterceptor } from './content.interceptor.js';

@Module({
  imports: [ContractsModule, DatasetsModule],
  controllers: [BatchesController],
  providers: [BatchesService, ContentInterceptor],
  exports: [BatchesService],
})
export class BatchesModule {}

import { Module } from '@nestjs/common';
import { ContractsModule } from '../contracts/contracts.module.js';
import { DatasetsModule } from '../datasets/datasets.module.js';
import { BatchesController } from './batches.controller.js';
import { BatchesService } from './batches.service.js';
import { ContentInterceptor } from './content.interceptor.js';
import { ResubmissionService } from './resubmission.service.js';

@Module({
  imports: [ContractsModule, DatasetsModule],
  controllers: [BatchesController],
  providers: [BatchesService, ContentInterceptor, ResubmissionService],
  exports: [BatchesService],
})
export class BatchesModule {}

import { Module } from '@nestjs/common';
import { BatchesModule } from '../batches/batches.module.js';
import { ContractsModule } from '../contracts/contracts.module.js';
import { UploadsController } from './uploads.controller.js';
import { UploadsService } from './uploads.service.js';

@Module({
  imports: [BatchesModule, ContractsModule],
  controllers: [UploadsController],
  providers: [UploadsService],
})
export class UploadsModule {}

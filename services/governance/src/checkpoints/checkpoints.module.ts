import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { CheckpointJob } from './checkpoint.job.js';
import { CheckpointsController } from './checkpoints.controller.js';
import { CheckpointsService } from './checkpoints.service.js';

@Module({
  imports: [AuditModule],
  controllers: [CheckpointsController],
  providers: [CheckpointsService, CheckpointJob],
  exports: [CheckpointsService],
})
export class CheckpointsModule {}

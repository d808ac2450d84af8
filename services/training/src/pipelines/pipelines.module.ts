import { Module } from '@nestjs/common';
import { DatasetsModule } from '../datasets/datasets.module.js';
import { ExecutorsModule } from '../execution/executors.module.js';
import { SchedulesModule } from '../schedules/schedules.module.js';
import { SignalsModule } from '../signals/signals.module.js';
import { PipelineBodies } from './pipeline-bodies.js';
import { PipelineVersionsService } from './pipeline-versions.service.js';
import { PipelinesController } from './pipelines.controller.js';
import { PipelinesService } from './pipelines.service.js';

@Module({
  imports: [DatasetsModule, ExecutorsModule, SchedulesModule, SignalsModule],
  controllers: [PipelinesController],
  providers: [PipelinesService, PipelineVersionsService, PipelineBodies],
  exports: [PipelinesService],
})
export class PipelinesModule {}

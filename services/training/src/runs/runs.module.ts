import { Module } from '@nestjs/common';
import { RunValuesModule } from '../experiments/run-values.module.js';
import { RunEventsService } from './run-events.service.js';
import { RunStreamController } from './run-stream.controller.js';
import { RunUsageService } from './run-usage.service.js';
import { RunsController } from './runs.controller.js';
import { RunsService } from './runs.service.js';

@Module({
  imports: [RunValuesModule],
  controllers: [RunsController, RunStreamController],
  providers: [RunsService, RunUsageService, RunEventsService],
  exports: [RunsService, RunUsageService, RunEventsService],
})
export class RunsModule {}

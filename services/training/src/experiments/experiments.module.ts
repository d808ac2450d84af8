import { Module } from '@nestjs/common';
import { RunsModule } from '../runs/runs.module.js';
import { ExperimentsController } from './experiments.controller.js';
import { ExperimentsService } from './experiments.service.js';
import { RunValuesModule } from './run-values.module.js';

@Module({
  imports: [RunsModule, RunValuesModule],
  controllers: [ExperimentsController],
  providers: [ExperimentsService],
})
export class ExperimentsModule {}

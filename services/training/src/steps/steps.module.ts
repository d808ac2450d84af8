import { Module } from '@nestjs/common';
import { RunsModule } from '../runs/runs.module.js';
import { CodeVersionStore } from './code-version.store.js';
import { RunStepsService } from './run-steps.service.js';
import { StepsController } from './steps.controller.js';

@Module({
  imports: [RunsModule],
  controllers: [StepsController],
  providers: [RunStepsService, CodeVersionStore],
  exports: [RunStepsService, CodeVersionStore],
})
export class StepsModule {}

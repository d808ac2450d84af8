import { Module } from '@nestjs/common';
import { RunsModule } from '../runs/runs.module.js';
import { StepsModule } from '../steps/steps.module.js';
import { ParamsService } from './params.service.js';
import { TrialsController } from './trials.controller.js';
import { TrialsService } from './trials.service.js';

@Module({
  imports: [RunsModule, StepsModule],
  controllers: [TrialsController],
  providers: [TrialsService, ParamsService],
  exports: [ParamsService],
})
export class SearchModule {}

import { Module } from '@nestjs/common';
import { ChampionsModule } from '../champions/champions.module.js';
import { ExecutionJob } from './execution.job.js';
import { ExecutionService } from './execution.service.js';
import { Executor } from './executor.js';
import { LeasesService } from './leases.service.js';
import { ProcessExecutor } from './process.executor.js';

@Module({
  imports: [ChampionsModule],
  providers: [LeasesService, ExecutionService, ExecutionJob, { provide: Executor, useClass: ProcessExecutor }],
})
export class ExecutionModule {}

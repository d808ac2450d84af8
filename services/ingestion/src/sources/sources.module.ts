import { Module } from '@nestjs/common';
import { BatchesModule } from '../batches/batches.module.js';
import { ContractsModule } from '../contracts/contracts.module.js';
import { SourceBuckets } from './bucket.runtime.js';
import { SourceFolders } from './folder.runtime.js';
import { PullsService } from './pulls.service.js';
import { RunSourcesJob } from './run-sources.job.js';
import { SourceFiles } from './source-files.queries.js';
import { SourceTroubles } from './source-troubles.queries.js';
import { SourcesController } from './sources.controller.js';
import { SourcesService } from './sources.service.js';
import { SourceTables } from './table.runtime.js';

@Module({
  imports: [BatchesModule, ContractsModule],
  controllers: [SourcesController],
  providers: [SourcesService, PullsService, SourceTables, SourceFolders, SourceBuckets, SourceFiles, SourceTroubles, RunSourcesJob],
})
export class SourcesModule {}

import { Module } from '@nestjs/common';
import { ChampionsModule } from '../champions/champions.module.js';
import { DatasetsModule } from '../datasets/datasets.module.js';
import { RunValuesModule } from '../experiments/run-values.module.js';
import { ProvenanceModule } from '../provenance/provenance.module.js';
import { RunsModule } from '../runs/runs.module.js';
import { SearchModule } from '../search/search.module.js';
import { StepsModule } from '../steps/steps.module.js';
import { ProgramFiles } from '../trainer-programs/program-files.store.js';
import { AttemptsService } from './attempts.service.js';
import { ExecutionJob } from './execution.job.js';
import { ExecutionService } from './execution.service.js';
import { ExecutorsModule } from './executors.module.js';
import { LeasesService } from './leases.service.js';
import { OwnProgram } from './own-program.service.js';
import { WorkFolders } from './work-folders.service.js';

@Module({
  imports: [ChampionsModule, DatasetsModule, ExecutorsModule, ProvenanceModule, RunsModule, RunValuesModule, SearchModule, StepsModule],
  providers: [LeasesService, ProgramFiles, WorkFolders, OwnProgram, AttemptsService, ExecutionService, ExecutionJob],
})
export class ExecutionModule {}

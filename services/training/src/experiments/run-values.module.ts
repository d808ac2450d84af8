import { Module } from '@nestjs/common';
import { NarrowRuns } from './narrow-runs.queries.js';
import { RunSearchQueries } from './run-search.queries.js';
import { RunValuesService } from './run-values.service.js';

@Module({ providers: [RunValuesService, NarrowRuns, RunSearchQueries], exports: [RunValuesService, RunSearchQueries] })
export class RunValuesModule {}

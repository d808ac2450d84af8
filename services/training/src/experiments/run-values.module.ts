import { Module } from '@nestjs/common';
import { RunSearchQueries } from './run-search.queries.js';
import { RunValuesService } from './run-values.service.js';

@Module({ providers: [RunValuesService, RunSearchQueries], exports: [RunValuesService, RunSearchQueries] })
export class RunValuesModule {}

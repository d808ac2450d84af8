import { Module } from '@nestjs/common';
import { DatasetsModule } from '../datasets/datasets.module.js';
import { CollectObjectsJob } from './collect-objects.job.js';
import { NeededObjects } from './needed-objects.queries.js';

@Module({ imports: [DatasetsModule], providers: [CollectObjectsJob, NeededObjects] })
export class CollectionModule {}

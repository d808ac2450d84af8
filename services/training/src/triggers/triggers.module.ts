import { Module } from '@nestjs/common';
import { BrokenFeaturesModule } from '../broken-features/broken-features.module.js';
import { DatasetsModule } from '../datasets/datasets.module.js';
import { PipelinesModule } from '../pipelines/pipelines.module.js';
import { RunsModule } from '../runs/runs.module.js';
import { SignalsModule } from '../signals/signals.module.js';
import { DatasetPublishedConsumer } from './dataset-published.consumer.js';
import { DecisionsService } from './decisions.service.js';
import { DriftDetectedConsumer } from './drift-detected.consumer.js';
import { FeatureBrokenConsumer } from './feature-broken.consumer.js';
import { LoopUnfrozenConsumer } from './loop-unfrozen.consumer.js';
import { PerformanceDegradedConsumer } from './performance-degraded.consumer.js';
import { ReconsiderJob } from './reconsider.job.js';
import { SituationsService } from './situations.service.js';
import { TriggersController } from './triggers.controller.js';
import { TriggersService } from './triggers.service.js';

@Module({
  imports: [BrokenFeaturesModule, DatasetsModule, PipelinesModule, RunsModule, SignalsModule],
  controllers: [TriggersController],
  providers: [
    TriggersService,
    SituationsService,
    DecisionsService,
    DatasetPublishedConsumer,
    DriftDetectedConsumer,
    FeatureBrokenConsumer,
    LoopUnfrozenConsumer,
    PerformanceDegradedConsumer,
    ReconsiderJob,
  ],
})
export class TriggersModule {}

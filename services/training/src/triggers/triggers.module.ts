import { Module } from '@nestjs/common';
import { BrokenFeaturesModule } from '../broken-features/broken-features.module.js';
import { DataChecksModule } from '../data-checks/data-checks.module.js';
import { DatasetsModule } from '../datasets/datasets.module.js';
import { PipelinesModule } from '../pipelines/pipelines.module.js';
import { ProposalsModule } from '../proposals/proposals.module.js';
import { RunsModule } from '../runs/runs.module.js';
import { SchedulesModule } from '../schedules/schedules.module.js';
import { SignalsModule } from '../signals/signals.module.js';
import { BatchRejectedConsumer } from './batch-rejected.consumer.js';
import { BatchValidatedConsumer } from './batch-validated.consumer.js';
import { DatasetPublishedConsumer } from './dataset-published.consumer.js';
import { DecisionsService } from './decisions.service.js';
import { DriftDetectedConsumer } from './drift-detected.consumer.js';
import { FeatureBrokenConsumer } from './feature-broken.consumer.js';
import { LoopUnfrozenConsumer } from './loop-unfrozen.consumer.js';
import { PerformanceDegradedConsumer } from './performance-degraded.consumer.js';
import { ProposalAnswersService } from './proposal-answers.service.js';
import { ProposalsController } from './proposals.controller.js';
import { ReconsiderJob } from './reconsider.job.js';
import { ScheduleJob } from './schedule.job.js';
import { SituationsService } from './situations.service.js';
import { TriggersController } from './triggers.controller.js';
import { TriggersService } from './triggers.service.js';

@Module({
  imports: [
    BrokenFeaturesModule,
    DataChecksModule,
    DatasetsModule,
    PipelinesModule,
    ProposalsModule,
    RunsModule,
    SchedulesModule,
    SignalsModule,
  ],
  controllers: [TriggersController, ProposalsController],
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
    ScheduleJob,
    ProposalAnswersService,
    BatchValidatedConsumer,
    BatchRejectedConsumer,
  ],
})
export class TriggersModule {}

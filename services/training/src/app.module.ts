import { AccessModule } from '@bascule/access';
import { DatabaseModule, IdempotencyModule } from '@bascule/database';
import { MessagingModule } from '@bascule/messaging';
import { OutboxModule } from '@bascule/outbox';
import { PlatformModule } from '@bascule/platform';
import { StorageModule } from '@bascule/storage';
import { type DynamicModule, Module } from '@nestjs/common';
import { BrokenWindowEntity } from './broken-features/broken-window.entity.js';
import { ChampionEntity } from './champions/champion.entity.js';
import { ChampionsModule } from './champions/champions.module.js';
import { VersionOutputsEntity } from './champions/version-outputs.entity.js';
import type { Config } from './config.js';
import { DatasetVersionEntity } from './datasets/dataset-version.entity.js';
import { ExecutionModule } from './execution/execution.module.js';
import { ExperimentsModule } from './experiments/experiments.module.js';
import { migrations } from './migrations/index.js';
import { PipelineEntity } from './pipelines/pipeline.entity.js';
import { PipelineVersionEntity } from './pipelines/pipeline-version.entity.js';
import { PipelinesModule } from './pipelines/pipelines.module.js';
import { ProposalEntity } from './proposals/proposal.entity.js';
import { ProvenanceModule } from './provenance/provenance.module.js';
import { RunEntity } from './runs/run.entity.js';
import { RunsModule } from './runs/runs.module.js';
import { ScheduleEntity } from './schedules/schedule.entity.js';
import { SearchModule } from './search/search.module.js';
import { SignalEntity } from './signals/signal.entity.js';
import { StepsModule } from './steps/steps.module.js';
import { TriggerEntity } from './triggers/trigger.entity.js';
import { TriggersModule } from './triggers/triggers.module.js';

const entities = [
  BrokenWindowEntity,
  ChampionEntity,
  DatasetVersionEntity,
  PipelineEntity,
  PipelineVersionEntity,
  ProposalEntity,
  RunEntity,
  ScheduleEntity,
  SignalEntity,
  TriggerEntity,
  VersionOutputsEntity,
];

@Module({})
export class AppModule {}

/** Training as a module: pipelines, triggers, runs and what carries them out. */
export function appModule(config: Config): DynamicModule {
  return {
    module: AppModule,
    imports: [
      PlatformModule.forRoot({ service: 'training', config }),
      DatabaseModule.forRoot({ service: 'training', url: config.DATABASE_URL, entities, migrations }),
      MessagingModule.forRoot({ service: 'training', natsUrl: config.NATS_URL }),
      OutboxModule.forRoot(),
      IdempotencyModule,
      AccessModule.forRoot(),
      StorageModule.forRoot({ root: config.OBJECT_ROOT }),
      PipelinesModule,
      TriggersModule,
      RunsModule,
      ChampionsModule,
      ExecutionModule,
      ExperimentsModule,
      ProvenanceModule,
      SearchModule,
      StepsModule,
    ],
  };
}

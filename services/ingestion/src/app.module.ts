import { AccessModule } from '@bascule/access';
import { DatabaseModule, IdempotencyModule } from '@bascule/database';
import { MessagingModule } from '@bascule/messaging';
import { OutboxModule } from '@bascule/outbox';
import type { ServiceOptions } from '@bascule/platform';
import { type DynamicModule, Module } from '@nestjs/common';
import { BatchEntity } from './batches/batch.entity.js';
import { BatchesModule } from './batches/batches.module.js';
import { type Config, configSchema } from './config.js';
import { ContractEntity } from './contracts/contract.entity.js';
import { ContractsModule } from './contracts/contracts.module.js';
import { DatasetEntity } from './datasets/dataset.entity.js';
import { DatasetVersionEntity } from './datasets/dataset-version.entity.js';
import { DatasetsModule } from './datasets/datasets.module.js';
import { DraftsModule } from './drafts/drafts.module.js';
import { ErasureEntity } from './erasures/erasure.entity.js';
import { ErasuresModule } from './erasures/erasures.module.js';
import { FeedbackModule } from './feedback/feedback.module.js';
import { FeedbackRuleEntity } from './feedback/feedback-rule.entity.js';
import { LineageModule } from './lineage/lineage.module.js';
import { migrations } from './migrations/index.js';
import { CollectionModule } from './objects/collection.module.js';
import { ObjectsModule } from './objects/objects.module.js';
import { ProfilesModule } from './profiles/profiles.module.js';
import { PushesModule } from './pushes/pushes.module.js';
import { QuarantineModule } from './quarantine/quarantine.module.js';
import { QuarantinedRecordEntity } from './quarantine/quarantined-record.entity.js';
import { RepairsModule } from './repairs/repairs.module.js';
import { SourceEntity } from './sources/source.entity.js';
import { SourcesModule } from './sources/sources.module.js';
import { UploadEntity } from './uploads/upload.entity.js';
import { UploadsModule } from './uploads/uploads.module.js';
import { ValidationModule } from './validation/validation.module.js';
import { DatasetTagEntity } from './versions/tag.entity.js';
import { VersionsModule } from './versions/versions.module.js';

const service = 'ingestion';
const entities = [
  ContractEntity,
  DatasetEntity,
  DatasetVersionEntity,
  DatasetTagEntity,
  ErasureEntity,
  BatchEntity,
  QuarantinedRecordEntity,
  FeedbackRuleEntity,
  UploadEntity,
  SourceEntity,
];

@Module({
  imports: [
    ContractsModule,
    BatchesModule,
    ValidationModule,
    QuarantineModule,
    RepairsModule,
    DatasetsModule,
    FeedbackModule,
    UploadsModule,
    PushesModule,
    SourcesModule,
    DraftsModule,
    LineageModule,
    ProfilesModule,
    VersionsModule,
    ErasuresModule,
    CollectionModule,
  ],
})
class AppModule {}

/** The service for the given settings. */
export function appModule(config: Config): DynamicModule {
  return {
    module: AppModule,
    imports: [
      DatabaseModule.forRoot({ service, url: config.DATABASE_URL, entities, migrations }),
      IdempotencyModule,
      MessagingModule.forRoot({ service, natsUrl: config.NATS_URL }),
      OutboxModule.forRoot(),
      AccessModule.forRoot(),
      ObjectsModule.forRoot({ root: config.OBJECT_ROOT }),
    ],
  };
}

/** How the service is started, by `main.ts` and by tests alike. */
export const serviceOptions: ServiceOptions<typeof configSchema> = {
  service,
  configSchema,
  module: appModule,
  // records of any size: their bodies are streams, bounded by UPLOAD_LIMIT_BYTES
  isStreamed: (method, path) =>
    (method === 'POST' && /^\/v1\/(?:datasets\/[^/]+\/batches|contracts\/drafts)\/?$/.test(path)) ||
    (method === 'PATCH' && /^\/v1\/uploads\//.test(path)),
  requestTimeoutMs: 24 * 60 * 60 * 1000,
  bodyLimitBytes: 4 * 1024 * 1024,
};

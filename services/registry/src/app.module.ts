import { AccessModule } from '@bascule/access';
import { DatabaseModule, IdempotencyModule } from '@bascule/database';
import { MessagingModule } from '@bascule/messaging';
import { OutboxModule } from '@bascule/outbox';
import { PlatformModule } from '@bascule/platform';
import { StorageModule } from '@bascule/storage';
import { type DynamicModule, Module } from '@nestjs/common';
import { AliasesModule } from './aliases/aliases.module.js';
import { ArchivingModule } from './archiving/archiving.module.js';
import { ArtifactsModule } from './artifacts/artifacts.module.js';
import { CollectionModule } from './collection/collection.module.js';
import type { Config } from './config.js';
import { entities } from './entities.js';
import { EvidenceModule } from './evidence/evidence.module.js';
import { GatewayLoadTestsModule } from './gateway-load-tests/load-tests.module.js';
import { migrations } from './migrations/index.js';
import { ModelsModule } from './models/models.module.js';
import { NamingModule } from './naming/naming.module.js';
import { OutcomesModule } from './outcomes/outcomes.module.js';
import { PromotionModule } from './promotion/promotion.module.js';
import { TrialsModule } from './trials/trials.module.js';
import { ArtifactUploadsModule } from './uploads/artifact-uploads.module.js';
import { VersionsModule } from './versions/versions.module.js';
import { WebhookEventsModule } from './webhook-events/webhook-events.module.js';

const service = 'registry';

@Module({
  imports: [
    ModelsModule,
    VersionsModule,
    AliasesModule,
    PromotionModule,
    OutcomesModule,
    ArchivingModule,
    ArtifactsModule,
    NamingModule,
    ArtifactUploadsModule,
    CollectionModule,
    EvidenceModule,
    GatewayLoadTestsModule,
    TrialsModule,
    WebhookEventsModule,
  ],
})
class AppModule {}

/** The registry, put together for one configuration. */
export function appModule(config: Config): DynamicModule {
  return {
    module: AppModule,
    imports: [
      PlatformModule.forRoot({ service, config }),
      DatabaseModule.forRoot({ service, url: config.DATABASE_URL, entities, migrations }),
      MessagingModule.forRoot({ service, natsUrl: config.NATS_URL }),
      OutboxModule.forRoot(),
      IdempotencyModule,
      AccessModule.forRoot(),
      StorageModule.forRoot({ root: config.OBJECT_ROOT }),
    ],
  };
}

import { AccessModule } from '@bascule/access';
import { DatabaseModule, IdempotencyModule } from '@bascule/database';
import { MessagingModule } from '@bascule/messaging';
import { OutboxModule } from '@bascule/outbox';
import { PlatformModule } from '@bascule/platform';
import { StorageModule } from '@bascule/storage';
import { type DynamicModule, Module } from '@nestjs/common';
import { AlertsModule } from './alerts/alerts.module.js';
import { CanaryModule } from './canary/canary.module.js';
import { CaptureModule } from './capture/capture.module.js';
import type { Config } from './config.js';
import { DatasetDriftModule } from './dataset-drift/dataset-drift.module.js';
import { DriftModule } from './drift/drift.module.js';
import { EvaluationModule } from './evaluation/evaluation.module.js';
import { GroundTruthModule } from './ground-truth/ground-truth.module.js';
import { migrations } from './migrations/index.js';
import { PerformanceModule } from './performance/performance.module.js';
import { PoliciesModule } from './policies/policies.module.js';
import { PredictionsModule } from './predictions/predictions.module.js';
import { ReferencesModule } from './references/references.module.js';
import { WindowsModule } from './windows/windows.module.js';

@Module({})
export class AppModule {}

const service = 'monitoring';

/** Monitoring as one module: predictions and their labels, windows, and the verdicts on them. */
export function appModule(config: Config): DynamicModule {
  return {
    module: AppModule,
    imports: [
      PlatformModule.forRoot({ service, config }),
      // the evaluating replica holds one session, the relay another
      DatabaseModule.forRoot({ service, url: config.DATABASE_URL, entities: [], migrations, poolSize: 10 }),
      MessagingModule.forRoot({ service, natsUrl: config.NATS_URL }),
      OutboxModule.forRoot(),
      IdempotencyModule,
      AccessModule.forRoot(),
      StorageModule.forRoot({ root: config.OBJECT_ROOT }),
      PredictionsModule,
      GroundTruthModule,
      WindowsModule,
      ReferencesModule,
      PoliciesModule,
      DriftModule,
      DatasetDriftModule,
      PerformanceModule,
      CanaryModule,
      CaptureModule,
      AlertsModule,
      EvaluationModule,
    ],
  };
}

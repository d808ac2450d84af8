import { AccessModule } from '@bascule/access';
import { DatabaseModule } from '@bascule/database';
import { MessagingModule } from '@bascule/messaging';
import { OutboxModule } from '@bascule/outbox';
import { StorageModule } from '@bascule/storage';
import { type DynamicModule, Module } from '@nestjs/common';
import { BatchJob } from './batch-jobs/batch-job.entity.js';
import { BatchJobsModule } from './batch-jobs/batch-jobs.module.js';
import { BatchPieceEntity } from './batch-jobs/batch-piece.entity.js';
import { BatchPiecesModule } from './batch-pieces/batch-pieces.module.js';
import { type Config, configSchema } from './config.js';
import { Endpoint } from './endpoints/endpoint.entity.js';
import { EndpointsModule } from './endpoints/endpoints.module.js';
import { KnownVersion } from './endpoints/known-version.entity.js';
import { RoutingChange } from './endpoints/routing-change.entity.js';
import { FeedbackModule } from './feedback/feedback.module.js';
import { InferenceModule } from './inference/inference.module.js';
import { LoadTestsModule } from './load-tests/load-tests.module.js';
import { migrations } from './migrations/index.js';
import { RecordsModule } from './records/records.module.js';
import { Rollout } from './rollouts/rollout.entity.js';
import { RolloutStep } from './rollouts/rollout-step.entity.js';
import { RolloutsModule } from './rollouts/rollouts.module.js';

@Module({})
class AppModule {}

/** How the service is started, by `main.ts` and by tests alike. */
export const serviceOptions = {
  service: 'serving',
  configSchema,
  module: appModule,
  // inputs of batch jobs take their time; every other body is bounded by `BodyWatch`
  requestTimeoutMs: 24 * 60 * 60 * 1000,
};

/** The roles asked for: control needs the database, the gateway must start and serve without one. */
export function appModule(config: Config): DynamicModule {
  const { SERVING_ROLES: roles, DATABASE_URL: url, NATS_URL: natsUrl, OBJECT_ROOT: root } = config;
  const service = 'serving';
  const imports: NonNullable<DynamicModule['imports']> = [MessagingModule.forRoot({ service, natsUrl }), AccessModule.forRoot()];
  imports.push(StorageModule.forRoot({ root }));
  if (roles.includes('control') && url !== undefined) {
    const entities = [Endpoint, KnownVersion, RoutingChange, Rollout, RolloutStep, BatchJob, BatchPieceEntity];
    imports.push(DatabaseModule.forRoot({ service, url, entities, migrations }), OutboxModule.forRoot());
    imports.push(EndpointsModule, RolloutsModule, BatchJobsModule);
  }
  if (roles.includes('gateway')) imports.push(InferenceModule, RecordsModule, FeedbackModule, BatchPiecesModule, LoadTestsModule);
  return { module: AppModule, imports };
}

import { Module } from '@nestjs/common';
import { AlertsModule } from '../alerts/alerts.module.js';
import { PoliciesModule } from '../policies/policies.module.js';
import { CanaryController } from './canary.controller.js';
import { CanaryService } from './canary.service.js';
import { RolloutAbortedConsumer } from './rollout-aborted.consumer.js';
import { RolloutAdvancedConsumer } from './rollout-advanced.consumer.js';
import { RolloutComparisons } from './rollout-comparisons.service.js';
import { RolloutCompletedConsumer } from './rollout-completed.consumer.js';
import { RolloutEvidenceService } from './rollout-evidence.service.js';
import { RolloutMeasures } from './rollout-measures.service.js';
import { RolloutRolledBackConsumer } from './rollout-rolled-back.consumer.js';
import { RolloutStartedConsumer } from './rollout-started.consumer.js';
import { RolloutsService } from './rollouts.service.js';

@Module({
  imports: [PoliciesModule, AlertsModule],
  controllers: [CanaryController],
  providers: [
    CanaryService,
    RolloutEvidenceService,
    RolloutMeasures,
    RolloutComparisons,
    RolloutsService,
    RolloutStartedConsumer,
    RolloutAdvancedConsumer,
    RolloutCompletedConsumer,
    RolloutRolledBackConsumer,
    RolloutAbortedConsumer,
  ],
  exports: [CanaryService, RolloutComparisons],
})
export class CanaryModule {}

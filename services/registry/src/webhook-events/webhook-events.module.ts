import { Module } from '@nestjs/common';
import { WebhooksModule } from '../webhooks/webhooks.module.js';
import { ToldAliasMovedConsumer } from './alias-moved.consumer.js';
import { ToldApprovalDeniedConsumer } from './approval-denied.consumer.js';
import { ToldApprovalGrantedConsumer } from './approval-granted.consumer.js';
import { ToldPromotionApprovedConsumer } from './promotion-approved.consumer.js';
import { ToldPromotionRefusedConsumer } from './promotion-refused.consumer.js';
import { ToldPromotionRequestedConsumer } from './promotion-requested.consumer.js';
import { ToldRolloutAbortedConsumer } from './rollout-aborted.consumer.js';
import { ToldRolloutCompletedConsumer } from './rollout-completed.consumer.js';
import { ToldRolloutRolledBackConsumer } from './rollout-rolled-back.consumer.js';
import { ToldRolloutStartedConsumer } from './rollout-started.consumer.js';
import { ToldRunFailedConsumer } from './run-failed.consumer.js';
import { ToldVersionRefusedConsumer } from './version-refused.consumer.js';
import { ToldVersionRegisteredConsumer } from './version-registered.consumer.js';

/** Every event that is told outside. */
@Module({
  imports: [WebhooksModule],
  providers: [
    ToldRunFailedConsumer,
    ToldVersionRegisteredConsumer,
    ToldVersionRefusedConsumer,
    ToldPromotionRequestedConsumer,
    ToldPromotionApprovedConsumer,
    ToldPromotionRefusedConsumer,
    ToldAliasMovedConsumer,
    ToldApprovalGrantedConsumer,
    ToldApprovalDeniedConsumer,
    ToldRolloutStartedConsumer,
    ToldRolloutCompletedConsumer,
    ToldRolloutRolledBackConsumer,
    ToldRolloutAbortedConsumer,
  ],
})
export class WebhookEventsModule {}

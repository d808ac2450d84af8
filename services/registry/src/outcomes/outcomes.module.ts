import { Module } from '@nestjs/common';
import { AliasesModule } from '../aliases/aliases.module.js';
import { PromotionModule } from '../promotion/promotion.module.js';
import { VersionsModule } from '../versions/versions.module.js';
import { OutcomesService } from './outcomes.service.js';
import { RolloutAbortedConsumer } from './rollout-aborted.consumer.js';
import { RolloutCompletedConsumer } from './rollout-completed.consumer.js';
import { RolloutRolledBackConsumer } from './rollout-rolled-back.consumer.js';

@Module({
  imports: [AliasesModule, PromotionModule, VersionsModule],
  providers: [OutcomesService, RolloutCompletedConsumer, RolloutRolledBackConsumer, RolloutAbortedConsumer],
})
export class OutcomesModule {}

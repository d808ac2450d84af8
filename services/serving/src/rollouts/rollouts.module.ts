import { Module } from '@nestjs/common';
import { EndpointsModule } from '../endpoints/endpoints.module.js';
import { CanaryJudgedConsumer } from './canary-judged.consumer.js';
import { LoopUnfrozenConsumer } from './loop-unfrozen.consumer.js';
import { ModelLoadRefusedConsumer } from './model-load-refused.consumer.js';
import { ModelLoadedConsumer } from './model-loaded.consumer.js';
import { PromotionApprovedConsumer } from './promotion-approved.consumer.js';
import { ResumeRolloutsJob } from './resume-rollouts.job.js';
import { RolloutMoves } from './rollout-moves.service.js';
import { RolloutTrippedConsumer } from './rollout-tripped.consumer.js';
import { RolloutsController } from './rollouts.controller.js';
import { RolloutsService } from './rollouts.service.js';

@Module({
  imports: [EndpointsModule],
  controllers: [RolloutsController],
  providers: [
    RolloutsService,
    RolloutMoves,
    PromotionApprovedConsumer,
    ModelLoadedConsumer,
    ModelLoadRefusedConsumer,
    CanaryJudgedConsumer,
    RolloutTrippedConsumer,
    LoopUnfrozenConsumer,
    ResumeRolloutsJob,
  ],
})
export class RolloutsModule {}

import { Module } from '@nestjs/common';
import { AliasesModule } from '../aliases/aliases.module.js';
import { ArtifactsModule } from '../artifacts/artifacts.module.js';
import { PoliciesModule } from '../policies/policies.module.js';
import { SigningModule } from '../signing/signing.module.js';
import { VersionsModule } from '../versions/versions.module.js';
import { ApprovalDeniedConsumer } from './approval-denied.consumer.js';
import { ApprovalGrantedConsumer } from './approval-granted.consumer.js';
import { LoopUnfrozenConsumer } from './loop-unfrozen.consumer.js';
import { PromotionController } from './promotion.controller.js';
import { PromotionService } from './promotion.service.js';
import { PromotionRequestService } from './promotion-request.service.js';
import { WaitingPromotionsJob } from './waiting-promotions.job.js';

@Module({
  imports: [AliasesModule, ArtifactsModule, VersionsModule, SigningModule, PoliciesModule],
  controllers: [PromotionController],
  providers: [
    PromotionService,
    PromotionRequestService,
    ApprovalGrantedConsumer,
    ApprovalDeniedConsumer,
    LoopUnfrozenConsumer,
    WaitingPromotionsJob,
  ],
  exports: [PromotionService],
})
export class PromotionModule {}

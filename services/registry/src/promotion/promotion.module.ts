import { Module } from '@nestjs/common';
import { AliasesModule } from '../aliases/aliases.module.js';
import { ArtifactsModule } from '../artifacts/artifacts.module.js';
import { AvailabilityModule } from '../availability/availability.module.js';
import { ConsumersModule } from '../consumers/consumers.module.js';
import { DataVerdictsModule } from '../data-verdicts/data-verdicts.module.js';
import { RecordedEvidenceModule } from '../evidence/recorded-evidence.module.js';
import { PoliciesModule } from '../policies/policies.module.js';
import { SigningModule } from '../signing/signing.module.js';
import { VersionsModule } from '../versions/versions.module.js';
import { ApprovalDeniedConsumer } from './approval-denied.consumer.js';
import { ApprovalGrantedConsumer } from './approval-granted.consumer.js';
import { LoopUnfrozenConsumer } from './loop-unfrozen.consumer.js';
import { PromotionController } from './promotion.controller.js';
import { PromotionService } from './promotion.service.js';
import { PromotionDecisionService } from './promotion-decision.service.js';
import { PromotionEvidenceService } from './promotion-evidence.service.js';
import { PromotionOutcomes } from './promotion-outcomes.service.js';
import { PromotionRequestService } from './promotion-request.service.js';
import { WaitingPromotionsJob } from './waiting-promotions.job.js';

@Module({
  imports: [
    AliasesModule,
    ArtifactsModule,
    VersionsModule,
    SigningModule,
    PoliciesModule,
    RecordedEvidenceModule,
    DataVerdictsModule,
    ConsumersModule,
    AvailabilityModule,
  ],
  controllers: [PromotionController],
  providers: [
    PromotionService,
    PromotionRequestService,
    PromotionEvidenceService,
    PromotionDecisionService,
    PromotionOutcomes,
    ApprovalGrantedConsumer,
    ApprovalDeniedConsumer,
    LoopUnfrozenConsumer,
    WaitingPromotionsJob,
  ],
  exports: [PromotionService],
})
export class PromotionModule {}

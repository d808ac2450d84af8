import { Module } from '@nestjs/common';
import { ApprovalsController } from './approvals.controller.js';
import { ApprovalsService } from './approvals.service.js';
import { PromotionRefusedConsumer } from './promotion-refused.consumer.js';
import { PromotionRequestedConsumer } from './promotion-requested.consumer.js';

@Module({ controllers: [ApprovalsController], providers: [ApprovalsService, PromotionRequestedConsumer, PromotionRefusedConsumer] })
export class ApprovalsModule {}

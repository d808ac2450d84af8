import { Module } from '@nestjs/common';
import { PublishingModule } from '../publishing/publishing.module.js';
import { RepeatsModule } from '../repeats/repeats.module.js';
import { RoutingModule } from '../routing/routing.module.js';
import { FeedbackController } from './feedback.controller.js';
import { FeedbackService } from './feedback.service.js';

@Module({ imports: [PublishingModule, RepeatsModule, RoutingModule], controllers: [FeedbackController], providers: [FeedbackService] })
export class FeedbackModule {}

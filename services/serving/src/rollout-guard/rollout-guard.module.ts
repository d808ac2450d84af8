import { Module } from '@nestjs/common';
import { PublishingModule } from '../publishing/publishing.module.js';
import { RolloutGuard } from './rollout-guard.service.js';

@Module({ imports: [PublishingModule], providers: [RolloutGuard], exports: [RolloutGuard] })
export class RolloutGuardModule {}

import { Module } from '@nestjs/common';
import { PublishingModule } from '../publishing/publishing.module.js';
import { RolloutGuard } from './rollout-guard.service.js';
import { SecondOpinions } from './second-opinions.service.js';

@Module({ imports: [PublishingModule], providers: [RolloutGuard, SecondOpinions], exports: [RolloutGuard] })
export class RolloutGuardModule {}

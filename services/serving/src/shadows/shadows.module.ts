import { Module } from '@nestjs/common';
import { CaptureModule } from '../capture/capture.module.js';
import { RolloutGuardModule } from '../rollout-guard/rollout-guard.module.js';
import { ShadowCopies } from './shadow-copies.service.js';

@Module({ imports: [CaptureModule, RolloutGuardModule], providers: [ShadowCopies], exports: [ShadowCopies] })
export class ShadowsModule {}

import { Module } from '@nestjs/common';
import { PublishingModule } from '../publishing/publishing.module.js';
import { RolloutGuardModule } from '../rollout-guard/rollout-guard.module.js';
import { RuntimeModule } from '../runtime/runtime.module.js';
import { RoutingService } from './routing.service.js';
import { VersionChoice } from './version-choice.service.js';

@Module({
  imports: [PublishingModule, RuntimeModule, RolloutGuardModule],
  providers: [RoutingService, VersionChoice],
  exports: [RoutingService, VersionChoice, RolloutGuardModule],
})
export class RoutingModule {}

import { Module } from '@nestjs/common';
import { AlertsModule } from '../alerts/alerts.module.js';
import { PoliciesModule } from '../policies/policies.module.js';
import { ReferencesModule } from '../references/references.module.js';
import { PerformanceController } from './performance.controller.js';
import { PerformanceService } from './performance.service.js';
import { WindowQualities } from './window-quality.service.js';

@Module({
  imports: [ReferencesModule, PoliciesModule, AlertsModule],
  controllers: [PerformanceController],
  providers: [PerformanceService, WindowQualities],
  exports: [PerformanceService],
})
export class PerformanceModule {}

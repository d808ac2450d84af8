import { Module } from '@nestjs/common';
import { AlertsModule } from '../alerts/alerts.module.js';
import { PoliciesModule } from '../policies/policies.module.js';
import { ReferencesModule } from '../references/references.module.js';
import { WindowsModule } from '../windows/windows.module.js';
import { DriftController } from './drift.controller.js';
import { DriftService } from './drift.service.js';
import { FaultsService } from './faults.service.js';

@Module({
  imports: [WindowsModule, ReferencesModule, PoliciesModule, AlertsModule],
  controllers: [DriftController],
  providers: [DriftService, FaultsService],
  exports: [DriftService],
})
export class DriftModule {}

import { Module } from '@nestjs/common';
import { AlertsModule } from '../alerts/alerts.module.js';
import { CaptureController } from './capture.controller.js';
import { CaptureAccounts } from './capture-accounts.service.js';
import { GatewaySignsService } from './gateway-signs.service.js';

@Module({
  imports: [AlertsModule],
  controllers: [CaptureController],
  providers: [GatewaySignsService, CaptureAccounts],
  exports: [CaptureAccounts],
})
export class CaptureModule {}

import { Module } from '@nestjs/common';
import { BatchesModule } from '../batches/batches.module.js';
import { ContractsModule } from '../contracts/contracts.module.js';
import { AllQuarantineController } from './all-quarantine.controller.js';
import { QuarantineController } from './quarantine.controller.js';
import { QuarantineService } from './quarantine.service.js';
import { SettlementService } from './settlement.service.js';

@Module({
  imports: [BatchesModule, ContractsModule],
  controllers: [QuarantineController, AllQuarantineController],
  providers: [QuarantineService, SettlementService],
  exports: [QuarantineService],
})
export class QuarantineModule {}

import { Module } from '@nestjs/common';
import { RunsModule } from '../runs/runs.module.js';
import { StepsModule } from '../steps/steps.module.js';
import { ProvenanceController } from './provenance.controller.js';
import { ProvenanceService } from './provenance.service.js';
import { ProvenanceKey } from './provenance-key.store.js';

@Module({
  imports: [RunsModule, StepsModule],
  controllers: [ProvenanceController],
  providers: [ProvenanceService, ProvenanceKey],
  exports: [ProvenanceService],
})
export class ProvenanceModule {}

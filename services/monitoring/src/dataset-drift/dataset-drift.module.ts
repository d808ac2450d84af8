import { Module } from '@nestjs/common';
import { PoliciesModule } from '../policies/policies.module.js';
import { ReferencesModule } from '../references/references.module.js';
import { DatasetDriftController } from './dataset-drift.controller.js';
import { DatasetDriftService } from './dataset-drift.service.js';
import { DatasetProfiledConsumer } from './dataset-profiled.consumer.js';

@Module({
  imports: [ReferencesModule, PoliciesModule],
  controllers: [DatasetDriftController],
  providers: [DatasetDriftService, DatasetProfiledConsumer],
})
export class DatasetDriftModule {}

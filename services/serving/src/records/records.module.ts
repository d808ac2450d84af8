import { Module } from '@nestjs/common';
import { AdmissionModule } from '../admission/admission.module.js';
import { AvailabilityModule } from '../availability/availability.module.js';
import { InferenceModule } from '../inference/inference.module.js';
import { RepeatsModule } from '../repeats/repeats.module.js';
import { RoutingModule } from '../routing/routing.module.js';
import { RecordGroups } from './record-groups.service.js';
import { RecordsController } from './records.controller.js';
import { RecordsService } from './records.service.js';

@Module({
  imports: [AdmissionModule, AvailabilityModule, InferenceModule, RepeatsModule, RoutingModule],
  providers: [RecordGroups, RecordsService, RecordsController],
})
export class RecordsModule {}

import { Module } from '@nestjs/common';
import { AdmissionModule } from '../admission/admission.module.js';
import { ArtifactsModule } from '../artifacts/artifacts.module.js';
import { ModelsModule } from '../models/models.module.js';
import { VersionsModule } from '../versions/versions.module.js';
import { EvidenceController } from './evidence.controller.js';
import { LoadTestService } from './load-test.service.js';
import { RecordedEvidenceModule } from './recorded-evidence.module.js';

@Module({
  imports: [RecordedEvidenceModule, AdmissionModule, ArtifactsModule, ModelsModule, VersionsModule],
  controllers: [EvidenceController],
  providers: [LoadTestService],
})
export class EvidenceModule {}

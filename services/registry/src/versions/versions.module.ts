import { Module } from '@nestjs/common';
import { AdmissionModule } from '../admission/admission.module.js';
import { ArtifactsModule } from '../artifacts/artifacts.module.js';
import { BomController } from '../bom/bom.controller.js';
import { RecordedEvidenceModule } from '../evidence/recorded-evidence.module.js';
import { ModelsModule } from '../models/models.module.js';
import { SignaturesController } from '../signing/signatures.controller.js';
import { SigningModule } from '../signing/signing.module.js';
import { RegistrationService } from './registration.service.js';
import { RunSucceededConsumer } from './run-succeeded.consumer.js';
import { VersionsController } from './versions.controller.js';
import { VersionsService } from './versions.service.js';

@Module({
  imports: [RecordedEvidenceModule, SigningModule, AdmissionModule, ModelsModule, ArtifactsModule],
  controllers: [VersionsController, SignaturesController, BomController],
  providers: [VersionsService, RegistrationService, RunSucceededConsumer],
  exports: [VersionsService],
})
export class VersionsModule {}

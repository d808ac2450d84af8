import { Module } from '@nestjs/common';
import { AdmissionModule } from '../admission/admission.module.js';
import { ArtifactsModule } from '../artifacts/artifacts.module.js';
import { ModelsModule } from '../models/models.module.js';
import { RegistrationService } from './registration.service.js';
import { RunSucceededConsumer } from './run-succeeded.consumer.js';
import { VersionsController } from './versions.controller.js';
import { VersionsService } from './versions.service.js';

@Module({
  imports: [AdmissionModule, ModelsModule, ArtifactsModule],
  controllers: [VersionsController],
  providers: [VersionsService, RegistrationService, RunSucceededConsumer],
  exports: [VersionsService],
})
export class VersionsModule {}

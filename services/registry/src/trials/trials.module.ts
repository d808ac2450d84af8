import { Module } from '@nestjs/common';
import { AdmissionModule } from '../admission/admission.module.js';
import { ArtifactsModule } from '../artifacts/artifacts.module.js';
import { TrialsController } from './trials.controller.js';
import { TrialsService } from './trials.service.js';

@Module({ imports: [ArtifactsModule, AdmissionModule], controllers: [TrialsController], providers: [TrialsService] })
export class TrialsModule {}

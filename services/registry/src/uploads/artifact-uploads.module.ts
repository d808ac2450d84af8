import { Module } from '@nestjs/common';
import { ArtifactsModule } from '../artifacts/artifacts.module.js';
import { ArtifactUploadsController } from './artifact-uploads.controller.js';
import { ArtifactUploadsService } from './artifact-uploads.service.js';

@Module({ imports: [ArtifactsModule], controllers: [ArtifactUploadsController], providers: [ArtifactUploadsService] })
export class ArtifactUploadsModule {}

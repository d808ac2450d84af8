import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { CheckpointsModule } from '../checkpoints/checkpoints.module.js';
import { BundleService } from './bundle.service.js';
import { EvidenceController } from './evidence.controller.js';
import { EvidenceService } from './evidence.service.js';

@Module({ imports: [AuditModule, CheckpointsModule], controllers: [EvidenceController], providers: [EvidenceService, BundleService] })
export class EvidenceModule {}

import { Module } from '@nestjs/common';
import { EvidenceService } from './evidence.service.js';

/** The record alone: versions write to it and requests read it. */
@Module({ providers: [EvidenceService], exports: [EvidenceService] })
export class RecordedEvidenceModule {}

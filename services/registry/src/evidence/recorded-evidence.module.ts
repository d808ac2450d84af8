import { Module } from '@nestjs/common';
import { ProvenanceKeysModule } from '../provenance-keys/provenance-keys.module.js';
import { EvidenceService } from './evidence.service.js';
import { ProvenanceService } from './provenance.service.js';

/** The record alone: versions write to it, and requests read it with the provenance of the version. */
@Module({ imports: [ProvenanceKeysModule], providers: [EvidenceService, ProvenanceService], exports: [EvidenceService, ProvenanceService] })
export class RecordedEvidenceModule {}

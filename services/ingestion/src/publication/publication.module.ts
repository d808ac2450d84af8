import { Module } from '@nestjs/common';
import { DatasetsModule } from '../datasets/datasets.module.js';
import { ValidationStarts } from '../validation/validation-starts.queries.js';
import { DatasetKeys } from './dataset-keys.queries.js';
import { PartRows } from './part-rows.store.js';
import { PublicationService } from './publication.service.js';
import { ReplacementService } from './replacement.service.js';
import { RewriteService } from './rewrite.service.js';
import { SentKeys } from './sent-keys.queries.js';

@Module({
  imports: [DatasetsModule],
  providers: [PublicationService, ReplacementService, RewriteService, PartRows, DatasetKeys, SentKeys, ValidationStarts],
  exports: [PublicationService, ReplacementService, RewriteService, PartRows, DatasetKeys, ValidationStarts],
})
export class PublicationModule {}

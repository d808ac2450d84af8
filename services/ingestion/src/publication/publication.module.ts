import { Module } from '@nestjs/common';
import { DatasetsModule } from '../datasets/datasets.module.js';
import { DatasetKeys } from './dataset-keys.queries.js';
import { PartRows } from './part-rows.store.js';
import { PublicationService } from './publication.service.js';
import { ReplacementService } from './replacement.service.js';
import { RewriteService } from './rewrite.service.js';

@Module({
  imports: [DatasetsModule],
  providers: [PublicationService, ReplacementService, RewriteService, PartRows, DatasetKeys],
  exports: [PublicationService, ReplacementService, RewriteService, PartRows, DatasetKeys],
})
export class PublicationModule {}

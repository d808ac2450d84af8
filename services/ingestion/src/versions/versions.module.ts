import { Module } from '@nestjs/common';
import { ContractsModule } from '../contracts/contracts.module.js';
import { DatasetsModule } from '../datasets/datasets.module.js';
import { ProfilesModule } from '../profiles/profiles.module.js';
import { PublicationModule } from '../publication/publication.module.js';
import { DifferenceService } from './difference.service.js';
import { RowsService } from './rows.service.js';
import { TagsService } from './tags.service.js';
import { VersionsController } from './versions.controller.js';

@Module({
  imports: [ContractsModule, DatasetsModule, ProfilesModule, PublicationModule],
  controllers: [VersionsController],
  providers: [TagsService, DifferenceService, RowsService],
})
export class VersionsModule {}

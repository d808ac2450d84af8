import { Module } from '@nestjs/common';
import { ContractsModule } from '../contracts/contracts.module.js';
import { DatasetsModule } from '../datasets/datasets.module.js';
import { ProfilesModule } from '../profiles/profiles.module.js';
import { PublicationModule } from '../publication/publication.module.js';
import { NearTexts } from '../validation/near-texts.queries.js';
import { ContentSearch } from './content-search.service.js';
import { ErasuresController } from './erasures.controller.js';
import { ErasuresService } from './erasures.service.js';
import { Leftovers } from './leftovers.queries.js';
import { RemoveErasedJob } from './remove-erased.job.js';

@Module({
  imports: [ContractsModule, DatasetsModule, ProfilesModule, PublicationModule],
  controllers: [ErasuresController],
  providers: [ErasuresService, RemoveErasedJob, Leftovers, ContentSearch, NearTexts],
})
export class ErasuresModule {}

import { Module } from '@nestjs/common';
import { DatasetsModule } from '../datasets/datasets.module.js';
import { PublicationModule } from '../publication/publication.module.js';
import { PartSketches } from './part-sketches.queries.js';
import { ProfileJob } from './profile.job.js';
import { ProfilesController } from './profiles.controller.js';
import { ProfilesService } from './profiles.service.js';

@Module({
  imports: [DatasetsModule, PublicationModule],
  controllers: [ProfilesController],
  providers: [ProfilesService, ProfileJob, PartSketches],
  exports: [ProfilesService, PartSketches],
})
export class ProfilesModule {}

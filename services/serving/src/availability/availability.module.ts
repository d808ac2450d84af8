import { Module } from '@nestjs/common';
import { PublishingModule } from '../publishing/publishing.module.js';
import { RoutingModule } from '../routing/routing.module.js';
import { AvailabilityJob } from './availability.job.js';
import { AvailabilityCounter } from './availability-counter.service.js';

@Module({ imports: [PublishingModule, RoutingModule], providers: [AvailabilityCounter, AvailabilityJob], exports: [AvailabilityCounter] })
export class AvailabilityModule {}

import { Module } from '@nestjs/common';
import { PublishingModule } from '../publishing/publishing.module.js';
import { RuntimeModule } from '../runtime/runtime.module.js';
import { RoutingService } from './routing.service.js';

@Module({ imports: [PublishingModule, RuntimeModule], providers: [RoutingService], exports: [RoutingService] })
export class RoutingModule {}

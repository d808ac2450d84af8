import { Module } from '@nestjs/common';
import { AvailabilityModule } from '../availability/availability.module.js';
import { RoutingModule } from '../routing/routing.module.js';
import { ModelRoom } from './model-room.service.js';
import { OverloadGuard } from './overload-guard.service.js';

@Module({ imports: [AvailabilityModule, RoutingModule], providers: [ModelRoom, OverloadGuard], exports: [OverloadGuard] })
export class OverloadModule {}

import { Module } from '@nestjs/common';
import { AdmissionModule } from '../admission/admission.module.js';
import { AvailabilityModule } from '../availability/availability.module.js';
import { RoutingModule } from '../routing/routing.module.js';
import { BodiesModule } from './bodies.module.js';
import { GrpcGuard } from './grpc-guard.service.js';
import { ModelRoom } from './model-room.service.js';
import { OverloadGuard } from './overload-guard.service.js';
import { TurnedAway } from './turned-away.service.js';

@Module({
  imports: [AdmissionModule, AvailabilityModule, BodiesModule, RoutingModule],
  providers: [ModelRoom, OverloadGuard, GrpcGuard, TurnedAway],
  exports: [OverloadGuard, GrpcGuard, TurnedAway],
})
export class OverloadModule {}

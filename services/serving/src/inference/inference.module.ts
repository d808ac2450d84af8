import { Module } from '@nestjs/common';
import { AdmissionModule } from '../admission/admission.module.js';
import { CaptureModule } from '../capture/capture.module.js';
import { RoutingModule } from '../routing/routing.module.js';
import { ConnectionDrain } from './connection-drain.service.js';
import { InferenceGrpc } from './inference.grpc.js';
import { InferenceService } from './inference.service.js';
import { OpenInferenceController } from './open-inference.controller.js';

@Module({
  imports: [AdmissionModule, RoutingModule, CaptureModule],
  providers: [ConnectionDrain, InferenceService, OpenInferenceController, InferenceGrpc],
})
export class InferenceModule {}

import { Module } from '@nestjs/common';
import { AdmissionModule } from '../admission/admission.module.js';
import { AvailabilityModule } from '../availability/availability.module.js';
import { CaptureModule } from '../capture/capture.module.js';
import { ExpressConnections } from '../express/express-connections.service.js';
import { ExpressLane } from '../express/express-lane.service.js';
import { ExpressRequests } from '../express/express-requests.service.js';
import { OverloadModule } from '../overload/overload.module.js';
import { ReceiptsModule } from '../receipts/receipts.module.js';
import { RepeatsModule } from '../repeats/repeats.module.js';
import { RoutingModule } from '../routing/routing.module.js';
import { ShadowsModule } from '../shadows/shadows.module.js';
import { ConnectionDrain } from './connection-drain.service.js';
import { InferenceGrpc } from './inference.grpc.js';
import { InferenceService } from './inference.service.js';
import { OpenInferenceController } from './open-inference.controller.js';
import { RowAnswers } from './row-answers.service.js';

@Module({
  imports: [
    AdmissionModule,
    AvailabilityModule,
    OverloadModule,
    RoutingModule,
    CaptureModule,
    ReceiptsModule,
    ShadowsModule,
    RepeatsModule,
  ],
  providers: [
    ConnectionDrain,
    ExpressLane,
    ExpressRequests,
    ExpressConnections,
    RowAnswers,
    InferenceService,
    OpenInferenceController,
    InferenceGrpc,
  ],
  exports: [RowAnswers],
})
export class InferenceModule {}

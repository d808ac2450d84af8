import { Module } from '@nestjs/common';
import { AdmissionModule } from '../admission/admission.module.js';
import { CaptureModule } from '../capture/capture.module.js';
import { PublishingModule } from '../publishing/publishing.module.js';
import { RoutingModule } from '../routing/routing.module.js';
import { RuntimeModule } from '../runtime/runtime.module.js';
import { BatchObjectsModule } from './batch-objects.store.js';
import { BatchPieceConsumer } from './batch-piece.consumer.js';
import { BatchPieces } from './batch-pieces.service.js';
import { EndedJobs } from './ended-jobs.service.js';
import { PinnedVersions } from './pinned-versions.service.js';
import { PredictPiece } from './predict-piece.service.js';

/** Pieces of batch jobs at a gateway. */
@Module({
  imports: [AdmissionModule, BatchObjectsModule, CaptureModule, PublishingModule, RoutingModule, RuntimeModule],
  providers: [BatchPieces, PredictPiece, PinnedVersions, EndedJobs, BatchPieceConsumer],
  exports: [PinnedVersions],
})
export class BatchPiecesModule {}

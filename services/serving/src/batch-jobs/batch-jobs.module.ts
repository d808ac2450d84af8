import { Module } from '@nestjs/common';
import { AdmissionModule } from '../admission/admission.module.js';
import { BatchBodies } from '../batch-intake/batch-body.service.js';
import { BatchInputs } from '../batch-intake/batch-input.store.js';
import { BatchIntake } from '../batch-intake/batch-intake.service.js';
import { BatchUploads } from '../batch-intake/batch-upload.service.js';
import { BatchObjectsModule } from '../batch-pieces/batch-objects.store.js';
import { AssemblyProgress } from '../batch-results/assembly-progress.service.js';
import { BatchAssembly } from '../batch-results/batch-assembly.service.js';
import { BatchCleaning } from '../batch-results/batch-cleaning.service.js';
import { BatchResults } from '../batch-results/batch-results.service.js';
import { BatchCutting } from '../batch-work/batch-cutting.service.js';
import { BatchLeases } from '../batch-work/batch-leases.service.js';
import { BatchOversight } from '../batch-work/batch-oversight.service.js';
import { BatchPieceFinishedConsumer } from '../batch-work/batch-piece-finished.consumer.js';
import { BatchPieceRefusedConsumer } from '../batch-work/batch-piece-refused.consumer.js';
import { BatchProgress } from '../batch-work/batch-progress.service.js';
import { BatchQueue } from '../batch-work/batch-queue.service.js';
import { BatchUpkeepJob } from '../batch-work/batch-upkeep.job.js';
import { BatchWorkJob } from '../batch-work/batch-work.job.js';
import { QueuedPieces } from '../batch-work/queued-pieces.store.js';
import { EndpointsModule } from '../endpoints/endpoints.module.js';
import { BodiesModule } from '../overload/bodies.module.js';
import { BatchJobsController } from './batch-jobs.controller.js';
import { BatchJobsService } from './batch-jobs.service.js';
import { BatchViews } from './batch-views.service.js';

/** Batch jobs at the role control: accepted, cut, followed, assembled, cleaned up. */
@Module({
  imports: [AdmissionModule, BatchObjectsModule, BodiesModule, EndpointsModule],
  controllers: [BatchJobsController],
  providers: [
    BatchBodies,
    BatchJobsService,
    BatchQueue,
    QueuedPieces,
    BatchProgress,
    BatchInputs,
    BatchIntake,
    BatchUploads,
    BatchResults,
    BatchViews,
    BatchLeases,
    BatchCutting,
    AssemblyProgress,
    BatchAssembly,
    BatchOversight,
    BatchCleaning,
    BatchPieceFinishedConsumer,
    BatchPieceRefusedConsumer,
    BatchWorkJob,
    BatchUpkeepJob,
  ],
})
export class BatchJobsModule {}

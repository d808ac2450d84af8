import { Module } from '@nestjs/common';
import { AdmissionModule } from '../admission/admission.module.js';
import { BatchObjectsModule } from '../batch-pieces/batch-objects.store.js';
import { EndpointsModule } from '../endpoints/endpoints.module.js';
import { BatchAssembly } from './batch-assembly.service.js';
import { BatchBodies } from './batch-body.service.js';
import { BatchCleaning } from './batch-cleaning.service.js';
import { BatchCutting } from './batch-cutting.service.js';
import { BatchInputs } from './batch-input.store.js';
import { BatchIntake } from './batch-intake.service.js';
import { BatchJobsController } from './batch-jobs.controller.js';
import { BatchJobsService } from './batch-jobs.service.js';
import { BatchLeases } from './batch-leases.service.js';
import { BatchOversight } from './batch-oversight.service.js';
import { BatchPieceFinishedConsumer } from './batch-piece-finished.consumer.js';
import { BatchPieceRefusedConsumer } from './batch-piece-refused.consumer.js';
import { BatchProgress } from './batch-progress.service.js';
import { BatchQueue } from './batch-queue.service.js';
import { BatchResults } from './batch-results.service.js';
import { BatchUpkeepJob } from './batch-upkeep.job.js';
import { BatchUploads } from './batch-upload.service.js';
import { BatchViews } from './batch-views.service.js';
import { BatchWorkJob } from './batch-work.job.js';

/** Batch jobs at the role control: accepted, cut, followed, assembled, cleaned up. */
@Module({
  imports: [AdmissionModule, BatchObjectsModule, EndpointsModule],
  controllers: [BatchJobsController],
  providers: [
    BatchBodies,
    BatchJobsService,
    BatchQueue,
    BatchProgress,
    BatchInputs,
    BatchIntake,
    BatchUploads,
    BatchResults,
    BatchViews,
    BatchLeases,
    BatchCutting,
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

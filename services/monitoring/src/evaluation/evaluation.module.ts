import { Module } from '@nestjs/common';
import { CanaryModule } from '../canary/canary.module.js';
import { CaptureModule } from '../capture/capture.module.js';
import { DriftModule } from '../drift/drift.module.js';
import { GroundTruthModule } from '../ground-truth/ground-truth.module.js';
import { PerformanceModule } from '../performance/performance.module.js';
import { PredictionsModule } from '../predictions/predictions.module.js';
import { WindowsModule } from '../windows/windows.module.js';
import { EvaluationJob } from './evaluation.job.js';

@Module({
  imports: [WindowsModule, GroundTruthModule, PredictionsModule, DriftModule, PerformanceModule, CanaryModule, CaptureModule],
  providers: [EvaluationJob],
})
export class EvaluationModule {}

import { Module } from '@nestjs/common';
import { GroundTruthModule } from '../ground-truth/ground-truth.module.js';
import { WindowsModule } from '../windows/windows.module.js';
import { PredictionLoggedConsumer } from './prediction-logged.consumer.js';
import { PredictionsController } from './predictions.controller.js';
import { PredictionsService } from './predictions.service.js';
import { RetentionService } from './retention.service.js';

@Module({
  imports: [GroundTruthModule, WindowsModule],
  controllers: [PredictionsController],
  providers: [PredictionsService, RetentionService, PredictionLoggedConsumer],
  exports: [RetentionService],
})
export class PredictionsModule {}

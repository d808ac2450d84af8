import { Module } from '@nestjs/common';
import { DecisionRecordedConsumer } from './decision-recorded.consumer.js';
import { GroundTruthReceivedConsumer } from './ground-truth-received.consumer.js';
import { LabelledBlocksService } from './labelled-blocks.service.js';
import { LabelsService } from './labels.service.js';
import { UnmatchedController } from './unmatched.controller.js';

@Module({
  controllers: [UnmatchedController],
  providers: [LabelsService, LabelledBlocksService, GroundTruthReceivedConsumer, DecisionRecordedConsumer],
  exports: [LabelsService, LabelledBlocksService],
})
export class GroundTruthModule {}

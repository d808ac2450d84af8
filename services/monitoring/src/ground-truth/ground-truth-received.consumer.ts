import { type GroundTruthReceived, groundTruthReceived } from '@bascule/contracts';
import { Consume } from '@bascule/messaging';
import { Injectable } from '@nestjs/common';
import { LabelsService } from './labels.service.js';

@Injectable()
export class GroundTruthReceivedConsumer {
  constructor(private readonly labels: LabelsService) {}

  @Consume(groundTruthReceived)
  async recordTruths({ data }: GroundTruthReceived): Promise<void> {
    await this.labels.record(data);
  }
}

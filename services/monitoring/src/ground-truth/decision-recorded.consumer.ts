import { type DecisionRecorded, decisionRecorded } from '@bascule/contracts';
import { Consume } from '@bascule/messaging';
import { Injectable } from '@nestjs/common';
import { LabelsService } from './labels.service.js';

@Injectable()
export class DecisionRecordedConsumer {
  constructor(private readonly labels: LabelsService) {}

  @Consume(decisionRecorded)
  async recordDecisions({ data }: DecisionRecorded): Promise<void> {
    await this.labels.recordDecisions(data);
  }
}

import { type BatchValidated, batchValidated } from '@bascule/contracts';
import { Consume } from '@bascule/messaging';
import { Injectable } from '@nestjs/common';
import { DataVerdictsService } from './data-verdicts.service.js';

@Injectable()
export class BatchValidatedConsumer {
  constructor(private readonly verdicts: DataVerdictsService) {}

  @Consume(batchValidated)
  async noteBatch({ data }: BatchValidated): Promise<void> {
    await this.verdicts.noteBatch(data);
  }
}

import { type BatchValidated, batchValidated } from '@bascule/contracts';
import { Consume } from '@bascule/messaging';
import { Injectable } from '@nestjs/common';
import { TriggersService } from './triggers.service.js';

@Injectable()
export class BatchValidatedConsumer {
  constructor(private readonly triggers: TriggersService) {}

  @Consume(batchValidated)
  async weighChecked(event: BatchValidated): Promise<void> {
    await this.triggers.weighChecked(event);
  }
}

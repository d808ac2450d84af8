import { type BatchReceived, batchReceived } from '@bascule/contracts';
import { Consume } from '@bascule/messaging';
import { Injectable } from '@nestjs/common';
import { ValidationService } from './validation.service.js';

@Injectable()
export class BatchReceivedConsumer {
  constructor(private readonly validation: ValidationService) {}

  @Consume(batchReceived)
  async validateBatch({ data }: BatchReceived): Promise<void> {
    await this.validation.validate(data.batchId);
  }
}

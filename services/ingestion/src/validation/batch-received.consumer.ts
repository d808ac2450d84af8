import { type BatchReceived, batchReceived } from '@bascule/contracts';
import { Consume, type Place } from '@bascule/messaging';
import { Injectable } from '@nestjs/common';
import type { Config } from '../config.js';
import { ValidationService } from './validation.service.js';

/** Batches of one dataset follow one another; others need not wait for a large one. */
function placeOf({ datasetName, sizeBytes }: BatchReceived['data'], settings: object): Place {
  return { lane: datasetName, isLarge: sizeBytes > (settings as Config).LARGE_BATCH_BYTES };
}

@Injectable()
export class BatchReceivedConsumer {
  constructor(private readonly validation: ValidationService) {}

  @Consume(batchReceived, { concurrency: 'VALIDATIONS_AT_ONCE', lanes: { placeOf, largeAtOnce: 'LARGE_VALIDATIONS_AT_ONCE' } })
  async validateBatch({ data }: BatchReceived): Promise<void> {
    await this.validation.validate(data.batchId);
  }
}

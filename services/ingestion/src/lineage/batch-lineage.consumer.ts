import {
  type BatchReceived,
  type BatchRejected,
  type BatchValidated,
  batchReceived,
  batchRejected,
  batchValidated,
} from '@bascule/contracts';
import { Consume } from '@bascule/messaging';
import { Injectable } from '@nestjs/common';
import { BatchesService } from '../batches/batches.service.js';
import { LineageService } from './lineage.service.js';
import { LineageEndpoint } from './lineage-endpoint.runtime.js';

// a day of trying: the server of lineage may be down for a night without a loss
const options = { name: 'lineage', maxAttempts: 300, retryDelaysMs: [1000, 5000, 30_000, 60_000, 300_000] };

/** Sends the run events of batches to where the settings say; what that does not take in a day becomes a dead letter. */
@Injectable()
export class BatchLineageConsumer {
  constructor(
    private readonly batches: BatchesService,
    private readonly lineage: LineageService,
    private readonly endpoint: LineageEndpoint,
  ) {}

  @Consume(batchReceived, options)
  async tellStart({ data }: BatchReceived): Promise<void> {
    await this.tell(data.batchId, 'START');
  }

  @Consume(batchValidated, options)
  async tellCompletion({ data }: BatchValidated): Promise<void> {
    await this.tell(data.batchId, 'COMPLETE');
  }

  @Consume(batchRejected, options)
  async tellFailure({ data }: BatchRejected): Promise<void> {
    await this.tell(data.batchId, 'FAIL');
  }

  private async tell(batchId: string, eventType: string): Promise<void> {
    if (!this.endpoint.isThere) return;
    const events = await this.lineage.eventsOf(await this.batches.get(batchId));
    for (const event of events) if (event['eventType'] === eventType) await this.endpoint.send(event);
  }
}

import { batchResubmitted } from '@bascule/contracts';
import { Transactions } from '@bascule/database';
import { Outbox } from '@bascule/outbox';
import { Injectable } from '@nestjs/common';
import { batchNotFound, batchNotRejected } from '../errors.js';
import { BatchEntity } from './batch.entity.js';
import { BatchesService, type Receipt } from './batches.service.js';

/** Takes the kept content of rejected batches again: after the contract was mended, or what ended the validation. */
@Injectable()
export class ResubmissionService {
  constructor(
    private readonly transactions: Transactions,
    private readonly outbox: Outbox,
    private readonly batches: BatchesService,
  ) {}

  /**
   * Makes a batch of what a rejected one holds, as it was sent and by whom, to be judged by the contract as it is now. Each batch once: asked
   * again, or when somebody else sent the content meanwhile, the answer is the batch that carries it.
   */
  async resubmit(id: string, reason: string, resubmittedBy: string): Promise<Receipt> {
    return this.transactions.run(async (manager) => {
      const rejected = await manager.findOne(BatchEntity, { where: { id }, lock: { mode: 'pessimistic_write' } });
      if (!rejected) throw batchNotFound({ batch: id });
      if (rejected.resubmittedBatchId !== null) return { batch: await this.batches.get(rejected.resubmittedBatchId), isRepeat: true };
      const { status, contentDigest: digest, sizeBytes, datasetName } = rejected;
      if (status !== 'rejected') throw batchNotRejected({ batch: id }, `it is ${status}`);
      const receipt = await this.batches.receiveStored(rejected, { digest, sizeBytes }, false);
      if (receipt.isRepeat) return receipt;
      const resubmittedBatchId = receipt.batch.id;
      await manager.update(BatchEntity, { id }, { resubmittedBatchId });
      await this.outbox.publish({
        definition: batchResubmitted,
        data: { batchId: id, datasetName, resubmittedBatchId, reason, resubmittedBy },
      });
      return receipt;
    });
  }
}

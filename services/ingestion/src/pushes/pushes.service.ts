import { Transactions } from '@bascule/database';
import { Injectable } from '@nestjs/common';
import { BatchesService } from '../batches/batches.service.js';
import { ContractsService } from '../contracts/contracts.service.js';
import { DatasetsService } from '../datasets/datasets.service.js';
import { isDue } from '../feedback/flush-policy.js';
import type { PushedRecords } from './pushed-records.js';
import { WaitingRecords } from './pushed-records.queries.js';

const recordsPerBatch = 20_000;

/** Collects records that come by NATS and makes batches of them. */
@Injectable()
export class PushesService {
  constructor(
    private readonly transactions: Transactions,
    private readonly records: WaitingRecords,
    private readonly contracts: ContractsService,
    private readonly datasets: DatasetsService,
    private readonly batches: BatchesService,
  ) {}

  /** Keeps the records of a message, once. */
  async take(pushId: string, { datasetName, contractName, records }: PushedRecords['data']): Promise<void> {
    await this.transactions.run(async () => {
      if (contractName !== undefined) {
        await this.contracts.get(contractName);
        await this.datasets.ensure(datasetName, contractName);
      } else await this.datasets.get(datasetName);
      if (await this.records.claim(pushId)) await this.records.add(datasetName, records);
    });
  }

  /** Turns waiting records into batches where enough wait or the oldest has waited long enough. @returns the batches made */
  async flushDue(): Promise<string[]> {
    const made: string[] = [];
    for (const { datasetName, ...waiting } of await this.records.waiting()) {
      const { contractName } = await this.datasets.get(datasetName);
      const { settings, outdated } = this.contracts.compile(await this.contracts.get(contractName));
      // until the contract is published anew records wait, and hold up those of no other dataset
      if (outdated !== undefined || !isDue(waiting, settings)) continue;
      const batchId = await this.flush(datasetName, contractName);
      if (batchId !== undefined) made.push(batchId);
    }
    return made;
  }

  private async flush(datasetName: string, contractName: string): Promise<string | undefined> {
    // out of the table and into a batch in one transaction: neither lost nor there twice
    return this.transactions.run(async () => {
      const records = await this.records.take(datasetName, recordsPerBatch);
      if (records.length === 0) return undefined;
      const contentType = 'application/x-ndjson';
      const delivery = { datasetName, contractName, contentType, origin: 'upload', sentBy: 'nats' } as const;
      return (await this.batches.receive(delivery, Buffer.from(records.join('\n')))).id;
    });
  }
}

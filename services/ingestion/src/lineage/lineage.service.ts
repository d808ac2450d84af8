import { Injectable } from '@nestjs/common';
import type { BatchEntity } from '../batches/batch.entity.js';
import { ContractsService } from '../contracts/contracts.service.js';
import { DatasetsService } from '../datasets/datasets.service.js';
import { runEventsOf } from './open-lineage.js';

/** Tells in the words of OpenLineage what became of batches. */
@Injectable()
export class LineageService {
  constructor(
    private readonly contracts: ContractsService,
    private readonly datasets: DatasetsService,
  ) {}

  /** The run events of a batch: its start, and its end once it is decided. */
  async eventsOf(batch: BatchEntity): Promise<Record<string, unknown>[]> {
    const { columns, settings } = this.contracts.compile(await this.contracts.get(batch.contractName, batch.contractVersion));
    const parts = batch.datasetVersion === null ? [] : (await this.datasets.manifestOf(batch.datasetVersion)).parts;
    const partBytes = parts.find(({ batchId }) => batchId === batch.id)?.sizeBytes;
    const { maxQuarantinedPercent } = settings;
    return runEventsOf({ ...batch, columns, maxQuarantinedPercent, partBytes });
  }
}

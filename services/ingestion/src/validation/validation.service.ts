import { batchRejected, batchValidated } from '@bascule/contracts';
import { Transactions } from '@bascule/database';
import { Outbox } from '@bascule/outbox';
import { Clock, Logger, Metrics } from '@bascule/platform';
import { Injectable } from '@nestjs/common';
import { BatchEntity } from '../batches/batch.entity.js';
import { BatchesService } from '../batches/batches.service.js';
import { ContractsService } from '../contracts/contracts.service.js';
import type { DatasetEntity } from '../datasets/dataset.entity.js';
import { DatasetsService } from '../datasets/datasets.service.js';
import { decideBatch } from './decide-batch.js';
import { type SortedBatch, SortingService } from './sorting.service.js';
import type { ValidationReport } from './validation-report.js';
import { ValidationStarts } from './validation-starts.queries.js';

/** So often may the validation of a batch die with its process. */
const mostStarts = 3;

/** Validates received batches: quarantine, duplicates, verdict, dataset version. */
@Injectable()
export class ValidationService {
  constructor(
    private readonly transactions: Transactions,
    private readonly outbox: Outbox,
    private readonly contracts: ContractsService,
    private readonly batches: BatchesService,
    private readonly datasets: DatasetsService,
    private readonly sorting: SortingService,
    private readonly starts: ValidationStarts,
    private readonly clock: Clock,
    private readonly log: Logger,
    private readonly metrics: Metrics,
  ) {}

  /**
   * Validates a batch once; a batch that is decided stays as it is. Everything is written in one transaction.
   * A batch whose validation ended with the process several times is rejected, so that it cannot do so for ever.
   */
  async validate(batchId: string): Promise<void> {
    if ((await this.batches.get(batchId)).status !== 'received') return;
    const starts = await this.starts.add(batchId);
    try {
      await this.transactions.run(async () => {
        const { datasetName } = await this.batches.get(batchId);
        const dataset = await this.datasets.lock(datasetName);
        // read under the lock: another replica may have been faster
        const batch = await this.batches.get(batchId);
        if (batch.status !== 'received') return;
        if (starts > mostStarts) await this.reject(batch, givenUp());
        else await this.sortAndDecide(dataset, batch);
      });
    } catch (error) {
      await this.starts.takeBack(batchId).catch(() => undefined);
      throw error;
    }
    this.transactions.afterCommit(() => this.starts.forget(batchId));
  }

  private async sortAndDecide(dataset: DatasetEntity, batch: BatchEntity): Promise<void> {
    const { manager } = this.transactions;
    const contract = this.contracts.compile(await this.contracts.get(batch.contractName, batch.contractVersion));
    await manager.query('savepoint unsorted');
    const sorted = await this.sorting.sort(batch, contract);
    try {
      const decision = decideBatch({
        recordCount: sorted.recordCount,
        faultyCount: sorted.refusedCount,
        maxQuarantinedPercent: contract.settings.maxQuarantinedPercent,
        expectations: sorted.expectations,
        contentFaults: sorted.faults,
      });
      if (decision.outcome === 'validated') {
        const report = reportOf(sorted, []);
        await this.announce(batch, report);
        const part = await sorted.part.finish();
        const datasetVersion = part ? await this.datasets.append(dataset, batch, contract, part) : null;
        await this.decide(batch, { status: 'validated', report, datasetVersion });
        return;
      }
      // keys and quarantine of the good part of a rejected batch: they never were
      await manager.query('rollback to savepoint unsorted');
      await sorted.part.abandon();
      await this.sorting.keepRefused(batch, contract);
      await this.reject(batch, reportOf(sorted, decision.reasons));
    } catch (error) {
      await sorted.part.abandon();
      throw error;
    }
  }

  private async announce(batch: BatchEntity, report: ValidationReport): Promise<void> {
    const { recordCount, acceptedCount, quarantinedCount, duplicateCount, reasons } = report;
    const counts = { recordCount, acceptedCount, quarantinedCount, duplicateCount, reasons };
    await this.outbox.publish({ definition: batchValidated, data: { ...identityOf(batch), ...counts } });
  }

  private async reject(batch: BatchEntity, report: ValidationReport): Promise<void> {
    await this.decide(batch, { status: 'rejected', report, datasetVersion: null });
    const { recordCount, rejection } = report;
    await this.outbox.publish({ definition: batchRejected, data: { ...identityOf(batch), recordCount, reasons: [...rejection] } });
  }

  private async decide(batch: BatchEntity, verdict: Pick<BatchEntity, 'status' | 'report' | 'datasetVersion'>): Promise<void> {
    const { id, datasetName } = batch;
    const { status, report, datasetVersion } = verdict;
    await this.transactions.manager.update(
      BatchEntity,
      { id },
      { status, report: report as object, datasetVersion, decidedAt: this.clock.now() },
    );
    this.transactions.afterCommit(() => {
      const { acceptedCount, quarantinedCount, duplicateCount } = report!;
      this.log.info({ batchId: id, datasetName, status, acceptedCount, quarantinedCount, duplicateCount, datasetVersion }, 'batch decided');
      const records = this.metrics.counter('ingestion_records_total', 'Records of decided batches by outcome');
      records.add(acceptedCount, { outcome: 'accepted' });
      records.add(quarantinedCount - duplicateCount, { outcome: 'quarantined' });
      records.add(duplicateCount, { outcome: 'duplicate' });
    });
  }
}

function identityOf({ id, datasetName, contractName, contractVersion }: BatchEntity) {
  return { batchId: id, datasetName, contractName, contractVersion };
}

function reportOf(sorted: SortedBatch, rejection: string[]): ValidationReport {
  const { recordCount, freshCount, refusedCount, duplicateCount, reasons, missing, expectations, notes, facts } = sorted;
  const acceptedCount = rejection.length > 0 ? 0 : freshCount;
  const counts = { recordCount, acceptedCount, quarantinedCount: refusedCount + duplicateCount, duplicateCount };
  return { ...counts, reasons, missing, expectations, notes, rejection, ...(facts ? { content: facts } : {}) };
}

function givenUp(): ValidationReport {
  const counts = { recordCount: 0, acceptedCount: 0, quarantinedCount: 0, duplicateCount: 0 };
  const rejection = [`validation ended with its process ${mostStarts} times and was given up; send the records in smaller batches`];
  return { ...counts, reasons: {}, missing: {}, expectations: [], notes: [], rejection };
}

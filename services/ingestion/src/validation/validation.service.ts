import { setImmediate as nextTurn } from 'node:timers/promises';
import { batchRejected, batchValidated } from '@bascule/contracts';
import { Transactions } from '@bascule/database';
import { Outbox } from '@bascule/outbox';
import { Clock, Logger, Metrics } from '@bascule/platform';
import { ObjectStore } from '@bascule/storage';
import { Injectable } from '@nestjs/common';
import { BatchEntity } from '../batches/batch.entity.js';
import { BatchesService } from '../batches/batches.service.js';
import { parseCsv } from '../batches/parse-csv.js';
import { parseNdjson } from '../batches/parse-ndjson.js';
import type { CompiledContract } from '../contracts/compile-contract.js';
import { ContractsService } from '../contracts/contracts.service.js';
import { DatasetsService } from '../datasets/datasets.service.js';
import { QuarantineService } from '../quarantine/quarantine.service.js';
import { countReasons, decideBatch } from './decide-batch.js';
import { KnownKeys } from './known-keys.queries.js';
import { BatchCheck, type CheckedBatch, partDuplicates } from './validate-batch.js';
import type { ValidationReport } from './validation-report.js';

const rowsPerTurn = 2000;
/** Duplicates, and records of a rejected batch, are shown to this number; the content of the batch keeps them all. */
const shownRows = 1000;

interface Checked extends CheckedBatch {
  readonly faults: readonly string[];
  readonly notes: readonly string[];
}

/** Validates received batches: quarantine, duplicates, verdict, dataset version. */
@Injectable()
export class ValidationService {
  constructor(
    private readonly transactions: Transactions,
    private readonly outbox: Outbox,
    private readonly store: ObjectStore,
    private readonly contracts: ContractsService,
    private readonly batches: BatchesService,
    private readonly datasets: DatasetsService,
    private readonly quarantine: QuarantineService,
    private readonly keys: KnownKeys,
    private readonly clock: Clock,
    private readonly log: Logger,
    private readonly metrics: Metrics,
  ) {}

  /** Validates a batch once; a batch that is decided stays as it is. Everything is written in one transaction. */
  async validate(batchId: string): Promise<void> {
    const received = await this.batches.get(batchId);
    if (received.status !== 'received') return;
    const contract = this.contracts.compile(await this.contracts.get(received.contractName, received.contractVersion));
    const checked = await this.check(received, contract);
    await this.transactions.run(async () => {
      const dataset = await this.datasets.lock(received.datasetName);
      // read again: another replica may have been faster
      const batch = await this.batches.get(batchId);
      if (batch.status !== 'received') return;
      const digests = checked.valid.flatMap((row) => row.digests.filter((digest) => digest !== undefined));
      const { fresh, duplicates } = partDuplicates(contract, checked.valid, await this.keys.among(dataset.name, digests));
      const decision = decideBatch({
        recordCount: checked.recordCount,
        faultyCount: checked.refused.length,
        maxQuarantinedPercent: contract.settings.maxQuarantinedPercent,
        expectations: checked.expectations,
        contentFaults: checked.faults,
      });
      const report = reportOf(checked, fresh.length, duplicates, decision.outcome === 'rejected' ? decision.reasons : []);
      if (decision.outcome === 'rejected') {
        await this.quarantine.keep(batchId, checked.refused.slice(0, shownRows));
        return this.reject(batch, report);
      }
      await this.quarantine.keep(batchId, [...checked.refused, ...duplicates.slice(0, shownRows)]);
      await this.keys.add(
        dataset.name,
        fresh.flatMap((row) => row.digests.filter((digest) => digest !== undefined)),
      );
      await this.announce(batch, report);
      const values = fresh.map((row) => row.values);
      const datasetVersion = values.length > 0 ? await this.datasets.append(dataset, batch, contract, values) : null;
      await this.decide(batch, { status: 'validated', report, datasetVersion });
    });
  }

  private async check(batch: BatchEntity, contract: CompiledContract): Promise<Checked> {
    const bytes = await this.store.get(batch.contentDigest);
    const parse = batch.contentType === 'text/csv' ? parseCsv : parseNdjson;
    const { faults, notes, rows } = parse(bytes, contract.rules, contract.settings.unknownColumns);
    const check = new BatchCheck(contract);
    let count = 0;
    for (const row of rows) {
      check.add(row);
      // health checks and other requests get their turn during a large batch
      if (++count % rowsPerTurn === 0) await nextTurn();
    }
    return { ...check.result(), faults, notes };
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

function reportOf(
  checked: Checked,
  freshCount: number,
  duplicates: Parameters<typeof countReasons>[0],
  rejection: string[],
): ValidationReport {
  const { recordCount, refused, missing, expectations, notes } = checked;
  const acceptedCount = rejection.length > 0 ? 0 : freshCount;
  const reasons = countReasons([...refused, ...duplicates]);
  const counts = { recordCount, acceptedCount, quarantinedCount: refused.length + duplicates.length, duplicateCount: duplicates.length };
  return { ...counts, reasons, missing, expectations, notes, rejection };
}

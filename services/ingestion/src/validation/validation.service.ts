import { batchRejected, batchValidated } from '@bascule/contracts';
import { Transactions } from '@bascule/database';
import { Outbox } from '@bascule/outbox';
import { Clock, Logger, Metrics } from '@bascule/platform';
import { Injectable } from '@nestjs/common';
import { BatchEntity } from '../batches/batch.entity.js';
import { BatchesService } from '../batches/batches.service.js';
import type { CompiledContract } from '../contracts/compile-contract.js';
import { ContractsService } from '../contracts/contracts.service.js';
import type { DatasetEntity } from '../datasets/dataset.entity.js';
import { DatasetsService } from '../datasets/datasets.service.js';
import { ObjectHolds } from '../datasets/object-holds.service.js';
import { PublicationService } from '../publication/publication.service.js';
import { ReplacementService } from '../publication/replacement.service.js';
import { BatchProfiles } from './batch-profiles.queries.js';
import { compareHistory, type Finding } from './compare-history.js';
import { whyGivenUp } from './deaths.js';
import { decideBatch, warningsOf } from './decide-batch.js';
import { type History, historyOf, rangesOf } from './history.js';
import { labelFlood } from './label-flood.js';
import { lateBatch } from './late-batch.js';
import { type SortedBatch, SortingService } from './sorting.service.js';
import type { ValidationReport } from './validation-report.js';
import { ValidationStarts } from './validation-starts.queries.js';

/** Validates received batches: quarantine, duplicates, verdict, dataset version. */
@Injectable()
export class ValidationService {
  constructor(
    private readonly transactions: Transactions,
    private readonly outbox: Outbox,
    private readonly contracts: ContractsService,
    private readonly batches: BatchesService,
    private readonly datasets: DatasetsService,
    private readonly holds: ObjectHolds,
    private readonly replacement: ReplacementService,
    private readonly publication: PublicationService,
    private readonly sorting: SortingService,
    private readonly starts: ValidationStarts,
    private readonly profiles: BatchProfiles,
    private readonly clock: Clock,
    private readonly log: Logger,
    private readonly metrics: Metrics,
  ) {}

  /**
   * Validates a batch once; a batch that is decided stays as it is. Everything is written in one transaction.
   * A batch whose validation ended with the process at the same place again and again is rejected, so that it cannot do so for ever.
   */
  async validate(batchId: string): Promise<void> {
    if ((await this.batches.get(batchId)).status !== 'received') return;
    let isBegun = false;
    try {
      await this.transactions.run(async () => {
        const { datasetName } = await this.batches.get(batchId);
        const dataset = await this.lockPatiently(datasetName);
        // read under the lock: another replica may have been faster
        const batch = await this.batches.get(batchId);
        if (batch.status !== 'received') return;
        // not before: who waits for others is not to blame when the process ends
        const deaths = await this.starts.begin(batchId);
        isBegun = true;
        const givenUp = whyGivenUp(deaths);
        if (givenUp !== undefined) await this.reject(batch, unreadReport(givenUp));
        else await this.sortAndDecide(dataset, batch);
      });
    } catch (error) {
      if (isBegun) await this.starts.takeBack(batchId).catch(() => undefined);
      throw error;
    }
    this.transactions.afterCommit(() => this.starts.forget(batchId));
  }

  /** A large batch that another replica is at takes longer than any other statement may. */
  private async lockPatiently(datasetName: string): Promise<DatasetEntity> {
    const { manager } = this.transactions;
    await manager.query('set local statement_timeout = 0');
    const dataset = await this.datasets.lock(datasetName);
    await manager.query('set local statement_timeout to default');
    return dataset;
  }

  private async sortAndDecide(dataset: DatasetEntity, batch: BatchEntity): Promise<void> {
    const { manager } = this.transactions;
    const contract = this.contracts.compile(await this.contracts.get(batch.contractName, batch.contractVersion));
    if (contract.outdated !== undefined) return this.reject(batch, unreadReport(outdatedReason(batch, contract.outdated)));
    await manager.query('savepoint unsorted');
    await this.replacement.prepare(dataset, batch, contract);
    const before = await this.profiles.recent(dataset.name);
    const history = historyOf(before.map(({ profile }) => profile));
    const ranges = rangesOf(
      history,
      contract.rules.map(({ name }) => name),
    );
    const sorted = await this.sorting.sort(batch, contract, ranges);
    const sent = { sentBy: batch.sentBy, receivedAt: batch.receivedAt, profile: sorted.profile };
    try {
      const { reference, notes } = await this.referenceOf(dataset.name, contract);
      const findings = compareHistory(sorted.profile, history, contract.rules, contract.quality.history, reference);
      const { label, rules, quality } = contract;
      if (label !== undefined) findings.push(...labelFlood(sent, before, rules[label]!.name, quality.history.labelFlood));
      findings.push(...lateBatch(batch.receivedAt, before, quality.mostHoursApart));
      const evidence = {
        recordCount: sorted.recordCount,
        faultyCount: sorted.refusedCount,
        maxQuarantinedPercent: contract.settings.maxQuarantinedPercent,
        expectations: sorted.expectations,
        findings,
        contentFaults: [...sorted.faults, ...this.replacement.faultsOf(batch, contract, sorted.part)],
      };
      const decision = decideBatch(evidence);
      const seen = { findings, warnings: warningsOf(evidence), notes: [...sorted.notes, ...notes] };
      if (decision.outcome === 'validated') {
        const repairs = await sorted.repairs.finish();
        // an erasure may be about to remove the log of the same repairs
        if (repairs) await this.holds.hold([repairs.digest]);
        const report = { ...reportOf(sorted, seen, []), ...(repairs ? { repairs } : {}) };
        await this.announce(batch, report);
        await this.profiles.add(batch.id, batch.datasetName, sent);
        const part = await sorted.part.finish();
        const published = part ? await this.publication.publishBatch(dataset, batch, contract, part) : undefined;
        if (!part) await this.replacement.restore(dataset, batch, contract);
        const replaced = published ? { replacedCount: published.removedCount } : {};
        await this.decide(batch, { status: 'validated', report: { ...report, ...replaced }, datasetVersion: published?.version ?? null });
        return;
      }
      // keys and quarantine of the good part of a rejected batch: they never were
      await manager.query('rollback to savepoint unsorted');
      await sorted.part.abandon();
      await sorted.repairs.abandon();
      await this.sorting.keepRefused(batch, contract);
      await this.reject(batch, reportOf(sorted, seen, decision.reasons));
    } catch (error) {
      await sorted.part.abandon();
      await sorted.repairs.abandon();
      throw error;
    }
  }

  /** What values are held against, where the contract names a version. */
  private async referenceOf(datasetName: string, { quality }: CompiledContract): Promise<{ reference?: History; notes: string[] }> {
    const { reference: tag } = quality.history.shift;
    if (tag === undefined) return { notes: [] };
    const profiles = await this.profiles.tagged(datasetName, tag);
    if (profiles) return { reference: historyOf(profiles.map(({ profile }) => profile)), notes: [] };
    return { notes: [`no version has the tag ${tag}: values were held against the last batches`] };
  }

  private async announce(batch: BatchEntity, report: ValidationReport): Promise<void> {
    const { verdict, recordCount, acceptedCount, quarantinedCount, duplicateCount, reasons, balance } = report;
    const counts = { recordCount, acceptedCount, quarantinedCount, duplicateCount, reasons };
    const seen = {
      verdict: verdict as Exclude<typeof verdict, 'rejected' | undefined>,
      droppedCount: balance!.dropped,
      repairedCellCount: report.repairs?.cellCount ?? 0,
      flags: { ...report.flags?.counts },
      warnings: [...(report.warnings ?? [])],
    };
    await this.outbox.publish({ definition: batchValidated, data: { ...identityOf(batch), ...counts, ...seen } });
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
      const { acceptedCount, quarantinedCount, duplicateCount, balance } = report!;
      this.log.info({ batchId: id, datasetName, status, acceptedCount, quarantinedCount, duplicateCount, datasetVersion }, 'batch decided');
      const records = this.metrics.counter('ingestion_records_total', 'Records of decided batches by outcome');
      records.add(acceptedCount, { outcome: 'accepted' });
      records.add(quarantinedCount, { outcome: 'quarantined' });
      records.add(balance?.dropped ?? 0, { outcome: 'dropped' });
      records.add(balance?.rejected ?? 0, { outcome: 'rejected' });
      const findings = this.metrics.counter('ingestion_findings_total', 'What the history of a dataset does not explain, by kind');
      for (const { kind, severity } of report!.findings ?? []) findings.add(1, { kind, severity });
      const flags = this.metrics.counter('ingestion_flagged_records_total', 'Records that look meant to do harm, by flag');
      for (const [flag, count] of Object.entries(report!.flags?.counts ?? {})) flags.add(count, { flag });
    });
  }
}

function identityOf({ id, datasetName, contractName, contractVersion }: BatchEntity) {
  return { batchId: id, datasetName, contractName, contractVersion };
}

function reportOf(
  sorted: SortedBatch,
  seen: { findings: Finding[]; warnings: string[]; notes: string[] },
  rejection: string[],
): ValidationReport {
  const { recordCount, freshCount, refusedCount, duplicateCount, droppedCount, reasons, missing, expectations, flags, facts } = sorted;
  const isRejected = rejection.length > 0;
  const acceptedCount = isRejected ? 0 : freshCount;
  const quarantined = refusedCount + duplicateCount - droppedCount;
  const verdict = isRejected ? 'rejected' : quarantined > 0 ? 'accepted_with_quarantine' : 'accepted';
  const counts = { recordCount, acceptedCount, quarantinedCount: quarantined, duplicateCount };
  const content = facts ? { content: facts } : {};
  const rejected = isRejected ? { rejected: freshCount } : {};
  const balance = { read: recordCount, accepted: acceptedCount, quarantined, dropped: droppedCount, ...rejected };
  return { verdict, ...counts, balance, reasons, missing, expectations, ...seen, flags, rejection, ...content };
}

function outdatedReason({ contractName, contractVersion }: BatchEntity, outdated: string): string {
  return `version ${contractVersion} of the contract ${contractName} judges no batches any more (${outdated}); publish it anew and send the batch again`;
}

/** Of a batch that was rejected before its records were read. */
function unreadReport(reason: string): ValidationReport {
  const counts = { recordCount: 0, acceptedCount: 0, quarantinedCount: 0, duplicateCount: 0 };
  return { verdict: 'rejected', ...counts, reasons: {}, missing: {}, expectations: [], notes: [], rejection: [reason] };
}

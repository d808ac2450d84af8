import { claimsBetween, toCsv } from '../claims.js';
import type { ServiceClient } from '../client.js';
import { dates, features, names } from '../story.js';
import { waitFor } from '../wait-for.js';
import { count, hold, type Step } from './step.js';

interface Batch {
  readonly batchId: string;
  readonly status: string;
  readonly datasetVersion?: string | null;
  readonly report?: {
    recordCount: number;
    acceptedCount: number;
    duplicateCount: number;
    balance: { accepted: number; quarantined: number; dropped: number };
    reasons: Record<string, number>;
  };
}

interface Quarantined {
  readonly items: readonly { row: number; reasons: readonly { code: string; message: string }[] }[];
}

/** Sends a CSV as one batch and waits until its dataset version is published. */
export async function sendBatch(ingestion: ServiceClient, dataset: string, contract: string, csv: string): Promise<Batch> {
  const { batchId } = await ingestion.post<Batch>(`/v1/datasets/${dataset}/batches?contract=${contract}`, csv, 'text/csv');
  return waitFor(`batch ${batchId} to be validated and published`, async () => {
    const batch = await ingestion.get<Batch>(`/v1/batches/${batchId}`);
    hold(batch.status !== 'rejected', `batch ${batchId} was rejected: ${JSON.stringify(batch.report)}`);
    return batch.datasetVersion ? batch : undefined;
  });
}

/** A pipeline of the story: the same recipe, on the dataset it is given. */
export function pipeline(name: string, dataset: string, evaluationDataset?: string) {
  return {
    name,
    modelName: names.model,
    datasetName: dataset,
    ...(evaluationDataset ? { evaluationDatasetName: evaluationDataset } : {}),
    trainer: 'logistic-regression',
    features,
    label: { column: 'damaged', positive: [1] },
    params: { l2: 1 },
    split: { recentDays: 2192, holdoutFraction: 0.3 },
    triggers: { onFirstDataset: true, onDrift: evaluationDataset ? 'off' : 'auto', minNewLabelledRows: 6000, cooldownMinutes: 0.5 },
  };
}

export const ingest: Step = {
  name: 'ingest',
  title: 'The first years go to ingestion under a data contract',
  async run(story) {
    await story.training.post('/v1/pipelines', pipeline(names.pipeline, names.dataset));
    await story.ingestion.post('/v1/contracts', story.contract(names.contract));
    await story.ingestion.post(`/v1/datasets/${names.dataset}/feedback`, {
      contractName: names.contract,
      modelName: names.model,
      labelColumn: 'damaged',
      idFrom: 'client_record_id',
      timeColumn: 'occurred_at',
    });
    const claims = claimsBetween(story.claims, ...dates.firstYears);
    const batch = await sendBatch(story.ingestion, names.dataset, names.contract, toCsv(story.header, claims));
    const report = batch.report!;
    const quarantine = await story.ingestion.get<Quarantined>(`/v1/batches/${batch.batchId}/quarantine?limit=200`);
    hold(report.recordCount === claims.length, `${claims.length} claims were sent, ${report.recordCount} records counted`);
    const { accepted, quarantined, dropped } = report.balance;
    hold(accepted + quarantined + dropped === report.recordCount, 'accepted, quarantined and dropped records do not add up');
    hold(report.duplicateCount > 0, 'the export holds duplicates, none was found');
    hold(
      quarantine.items.every((item) => item.reasons.length > 0),
      'a quarantined record has no reason',
    );
    hold(
      quarantine.items.some((item) => item.reasons.some((reason) => reason.code === 'not_allowed_value')),
      'the stray damage codes were not found',
    );
    story.facts.set('datasetVersion', batch.datasetVersion!);
    const reasons = Object.entries(report.reasons).map(([code, times]) => `${code} ${times}`);
    return `${count(report.recordCount)} claims of 1990-1994: ${count(report.acceptedCount)} accepted, ${quarantined} in quarantine, ${dropped} dropped (${reasons.join(', ')}), dataset version ${batch.datasetVersion!.slice(0, 12)}`;
  },
};

import type { GateResult } from '@bascule/contracts';
import { bounded, met, notMet } from '../policies/gate-results.js';
import type { PromotionPolicy } from '../policies/policy.schema.js';

/** What is known of the dataset version a model was trained on: of itself and of all batches it grew from. */
export interface DataEvidence {
  readonly datasetVersion: string;
  readonly labelledRows: number;
  readonly batchCount: number;
  /** Batches that were held against their contract. */
  readonly judgedCount: number;
  readonly recordCount: number;
  readonly quarantinedCount: number;
}

/** Asks the rules about the data. A batch nobody judged is a verdict that is missing. */
export function dataRules({ data }: PromotionPolicy, evidence: DataEvidence | undefined): GateResult[] {
  if (!data) return [];
  const gate = 'data-verdict';
  if (!evidence) return [notMet(gate, 'nothing is known of the data it was trained on')];
  const { batchCount, judgedCount, recordCount, quarantinedCount, labelledRows, datasetVersion } = evidence;
  const share = recordCount === 0 ? 0 : quarantinedCount / recordCount;
  const origin = `of ${recordCount} records in ${batchCount} batches behind dataset version ${datasetVersion.slice(0, 12)}`;
  const verdict =
    judgedCount < batchCount
      ? notMet(gate, `${batchCount - judgedCount} of ${batchCount} batches were never held against a contract`)
      : data.maxQuarantinedShare === undefined
        ? met(gate, `${quarantinedCount} ${origin} went to quarantine`)
        : bounded(gate, `the share in quarantine, ${origin},`, Number(share.toFixed(6)), data.maxQuarantinedShare, 'at most');
  const labelled = data.minLabelledRows;
  if (labelled === undefined) return [verdict];
  return [verdict, bounded('labelled-rows', 'the number of labelled rows', labelledRows, labelled, 'at least')];
}

import type { EvaluationReport } from '@bascule/contracts';
import type { EvidenceBody } from './evidence.schema.js';

const fairnessMetrics = ['demographicParityDifference', 'equalizedOddsDifference', 'equalOpportunityDifference'] as const;

/** What the evaluation report of a run says about calibration and fairness. What it does not tell is not evidence. */
export function evidenceOfReport({ reliability, fairness }: EvaluationReport): EvidenceBody[] {
  const rowCount = reliability.reduce((sum, bin) => sum + bin.rowCount, 0);
  const error = reliability.reduce((sum, bin) => sum + (bin.rowCount / rowCount) * Math.abs(bin.meanScore - bin.positiveShare), 0);
  const calibration: EvidenceBody[] = rowCount === 0 ? [] : [{ kind: 'calibration', error: Number(error.toFixed(6)), rowCount }];
  return [
    ...calibration,
    ...fairness.flatMap(({ column, groups, ...differences }) =>
      fairnessMetrics.flatMap((metric): EvidenceBody[] => {
        const difference = differences[metric];
        const rows = groups.reduce((sum, group) => sum + group.rowCount, 0);
        return difference === null ? [] : [{ kind: 'fairness', attribute: column, metric, difference, rowCount: rows }];
      }),
    ),
  ];
}

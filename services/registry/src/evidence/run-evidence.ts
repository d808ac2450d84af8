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
    ...[...new Set(fairness.map(({ column }) => column))].flatMap((column) => {
      // of several classes there is a table each: the model is as fair as it is about the one where it is least
      const tables = fairness.filter((table) => table.column === column);
      const rows = tables[0]!.groups.reduce((sum, group) => sum + group.rowCount, 0);
      return fairnessMetrics.flatMap((metric): EvidenceBody[] => {
        const told = tables.map((table) => table[metric]).filter((difference) => difference !== null);
        return told.length === 0 ? [] : [{ kind: 'fairness', attribute: column, metric, difference: Math.max(...told), rowCount: rows }];
      });
    }),
  ];
}

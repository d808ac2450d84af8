import { auc, brier, logLoss } from '@bascule/stats';

/** Quality of a binary classifier against ground truth. */
export interface Performance {
  readonly rowCount: number;
  readonly positiveCount: number;
  readonly auc: number;
  readonly logLoss: number;
  readonly brier: number;
}

/** Compares scores with labels of the same rows. */
export function evaluateScores(scores: Float64Array, labels: readonly (0 | 1)[]): Performance {
  return {
    rowCount: labels.length,
    positiveCount: labels.reduce((sum: number, label) => sum + label, 0),
    auc: auc(scores, labels),
    logLoss: logLoss(scores, labels),
    brier: brier(scores, labels),
  };
}

/** The numbers of a performance that a version is compared by. */
export function metricsOf({ auc, logLoss, brier, rowCount, positiveCount }: Performance): Record<string, number> {
  return { auc, logLoss, brier, rowCount, positiveCount };
}

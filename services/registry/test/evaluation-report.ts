import type { EvaluationReport } from '@bascule/contracts';

/** What the evaluation of a run with a well-calibrated model says. */
export function evaluationReport(
  modelName: string,
  datasetVersion: string,
  evaluatedOn: EvaluationReport['evaluatedOn'],
): EvaluationReport {
  const group = { rowCount: 100, positiveCount: 10, selectionRate: 0.1, baseRate: 0.1, accuracy: 0.9, calibrationGap: 0 };
  const rates = { truePositiveRate: 0.5, falsePositiveRate: 0.1, precision: 0.5, auc: 0.7 };
  return {
    schemaVersion: 1,
    modelName,
    trainer: 'logistic-regression',
    task: 'binary',
    datasetVersion,
    evaluatedOn,
    split: 'by time',
    classes: ['no', 'yes'],
    measures: [{ name: 'auc', value: 0.78, interval: [0.74, 0.82] }],
    folds: [],
    confusion: null,
    curves: null,
    reliability: [
      { from: 0, to: 0.5, rowCount: 300, meanScore: 0.2, positiveShare: 0.22, interval: [0.18, 0.27] },
      { from: 0.5, to: 1, rowCount: 100, meanScore: 0.7, positiveShare: 0.66, interval: [0.56, 0.75] },
    ],
    importance: [],
    slices: [],
    fairness: [
      {
        column: 'operator',
        groups: [
          { value: 'a', ...group, ...rates },
          { value: 'b', ...group, ...rates },
        ],
        demographicParityDifference: 0.04,
        demographicParityRatio: 0.9,
        equalizedOddsDifference: null,
        equalOpportunityDifference: 0.02,
        leftOut: [],
      },
    ],
    leakChecks: [],
  };
}

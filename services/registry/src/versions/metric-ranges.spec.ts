import { expect, it } from 'vitest';
import { metricFaults } from './metric-ranges.js';

it('knows which values a known metric can have', () => {
  expect(metricFaults({ auc: 0.78, accuracy: 1, brier: 0, logLoss: 12, rmse: 300, r2: -4, ourOwn: 99 })).toEqual([]);
  expect(metricFaults({ auc: 5, logLoss: -0.1, r2: 1.2 })).toEqual([
    { path: 'metrics.auc', message: 'auc 5 is not between 0 and 1' },
    { path: 'metrics.logLoss', message: 'logLoss -0.1 is not at least 0' },
    { path: 'metrics.r2', message: 'r2 1.2 is not at most 1' },
  ]);
  expect(metricFaults({ auc: Number.NaN })).toHaveLength(1);
});

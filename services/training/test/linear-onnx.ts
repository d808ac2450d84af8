import { fitLinear } from '../src/linear/fit-linear.js';
import { linearScorer, writeOnnx } from '../src/trainers/fitted-model.js';
import { frameOf } from '../src/trainers/frame.js';
import type { Feature, Row } from '../src/trainers/row.js';

/** A logistic regression on these rows, as an artifact. */
export function linearOnnx(features: readonly Feature[], rows: readonly Row[]): Uint8Array {
  const scorer = linearScorer(fitLinear(frameOf(features, rows), { task: 'binary' }, { l1: 0, l2: 1 }));
  const target = { task: 'binary', classes: ['0', '1'] } as const;
  return writeOnnx({ features, target, scorer, calibration: { kind: 'none' } }, { modelName: 'test', about: 'test' });
}

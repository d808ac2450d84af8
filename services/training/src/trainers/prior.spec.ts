import { expect, it } from 'vitest';
import { answerWithArtifact, scoreWithArtifact } from '../evaluation/onnx.runtime.js';
import { type Target, writeOnnx } from './fitted-model.js';
import { frameOf } from './frame.js';
import { fitPrior } from './prior.js';
import type { Feature, Row } from './row.js';

const features: Feature[] = [
  { name: 'colour', kind: 'categorical' },
  { name: 'speed', kind: 'numeric' },
];
const strange = [{ cells: ['', Number.NaN] }, { cells: ['blue', 1e9] }];
const rowsWith = (labelOf: (at: number) => number): Row[] =>
  Array.from({ length: 1000 }, (_, at) => ({ occurredAt: at, label: labelOf(at), cells: ['red', at] }));
const artifactOf = (target: Target, rows: readonly Row[]) =>
  writeOnnx(
    { features, target, scorer: fitPrior(frameOf(features, rows), target), calibration: { kind: 'none' } },
    { modelName: 'prior', about: '' },
  );

it('the prior answers the share of positives, whatever the row', async () => {
  const artifact = artifactOf(
    { task: 'binary', classes: ['0', '1'] },
    rowsWith((at) => (at % 5 === 0 ? 1 : 0)),
  );
  const scores = await scoreWithArtifact(artifact, { features, rows: strange });
  for (const score of scores) expect(score).toBeCloseTo(0.2, 2);
});

it('the prior answers the shares of several classes, and the mean of numbers', async () => {
  const classes = artifactOf(
    { task: 'multiclass', classes: ['a', 'b', 'c'] },
    rowsWith((at) => (at % 10 < 5 ? 0 : at % 10 < 8 ? 1 : 2)),
  );
  const [a, b, c] = await answerWithArtifact(classes, { features, rows: strange });
  for (const [share, expected] of [
    [a, 0.5],
    [b, 0.3],
    [c, 0.2],
  ])
    expect(share).toBeCloseTo(expected!, 2);
  const mean = artifactOf(
    { task: 'regression', classes: [] },
    rowsWith((at) => at),
  );
  expect([...(await answerWithArtifact(mean, { features, rows: strange }))]).toEqual([499.5, 499.5]);
});

import { expect, it } from 'vitest';
import { scoreWithArtifact } from '../evaluation/onnx.runtime.js';
import { buildOnnx } from './build-onnx.js';
import { fitPrior } from './prior.js';
import type { Feature, Row } from './row.js';

const features: Feature[] = [
  { name: 'colour', kind: 'categorical' },
  { name: 'speed', kind: 'numeric' },
];

it('the prior answers the share of positives, whatever the row', async () => {
  const rows: Row[] = Array.from({ length: 1000 }, (_, at) => ({ occurredAt: at, label: at % 5 === 0 ? 1 : 0, cells: ['red', at] }));
  const artifact = buildOnnx(fitPrior(features, rows), { modelName: 'prior', about: '' });
  const scores = await scoreWithArtifact(artifact, { features, rows: [{ cells: ['', Number.NaN] }, { cells: ['blue', 1e9] }] });
  for (const score of scores) expect(score).toBeCloseTo(0.2, 2);
});

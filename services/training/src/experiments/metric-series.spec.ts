import { describe, expect, it } from 'vitest';
import { type Measured, seriesOf } from './metric-series.js';

const at = '2026-01-01T00:00:00Z';
const measured = (name: string, value: number, step?: number, attempt = 1): Measured => ({ name, value, step, at, attempt });

describe('curves of a run', () => {
  it('are in the order of their steps, a name each', () => {
    const series = seriesOf([measured('loss', 2, 1), measured('auc', 0.5), measured('loss', 3, 0), measured('auc', 0.6)]);
    expect(series.map(({ name, points }) => [name, points.map(({ step, value }) => [step, value])])).toEqual([
      [
        'auc',
        [
          [0, 0.5],
          [1, 0.6],
        ],
      ],
      [
        'loss',
        [
          [0, 3],
          [1, 2],
        ],
      ],
    ]);
  });

  it('take the later of two measurements of a step', () => {
    expect(seriesOf([measured('loss', 2, 0), measured('loss', 5, 0, 2)])[0]!.points).toEqual([{ step: 0, value: 5, at }]);
  });

  it('keep both ends when they are thinned', () => {
    const [{ points }] = seriesOf(Array.from({ length: 5_000 }, (_, step) => measured('loss', step, step))) as [
      ReturnType<typeof seriesOf>[0],
    ];
    expect([points.length, points[0]!.step, points.at(-1)!.step]).toEqual([1_000, 0, 4_999]);
  });
});

import type { PairedComparison } from '@bascule/contracts';
import { describe, expect, it } from 'vitest';
import { gateFaults } from './gates.js';

const compared = (verdict: PairedComparison['verdict']) => ({
  metrics: { auc: 0.75 },
  hasChampion: true,
  comparison: { verdict, metric: 'logLoss', difference: -0.01, interval: [-0.02, 0.01] as [number, number], rowCount: 900 },
});

describe('the gates of a pipeline', () => {
  it('hold a model whose metric lies outside its bounds, or is not there', () => {
    const judged = { metrics: { auc: 0.7, brier: Number.NaN }, hasChampion: false };
    expect(gateFaults([{ metric: 'auc', min: 0.7, max: 0.99 }], judged)).toEqual([]);
    expect(
      gateFaults(
        [
          { metric: 'auc', min: 0.71 },
          { metric: 'auc', max: 0.6 },
        ],
        judged,
      ),
    ).toEqual(['gate: auc is 0.7, below 0.71', 'gate: auc is 0.7, above 0.6']);
    expect(gateFaults([{ metric: 'brier', max: 1 }], judged)).toEqual(['gate: brier is NaN, above 1']);
    expect(gateFaults([{ metric: 'f1', min: 0 }], judged)).toEqual(['gate: there is no metric f1; there are auc, brier']);
  });

  it('take no difference for no gain', () => {
    expect(gateFaults([{ champion: 'better' }], compared('better'))).toEqual([]);
    expect(gateFaults([{ champion: 'not-worse' }], compared('no-difference'))).toEqual([]);
    expect(gateFaults([{ champion: 'not-worse' }], compared('worse'))).toHaveLength(1);
    expect(gateFaults([{ champion: 'not-worse' }], compared('too-little-data'))).toHaveLength(1);
    expect(gateFaults([{ champion: 'better' }], compared('no-difference'))).toEqual([
      'gate: beside the champion the verdict is no-difference, better is asked for: logLoss differs by -0.0100 (95 %: -0.0200 to 0.0100) on 900 rows',
    ]);
  });

  it('let the first model of a name pass, and hold one whose champion could not be compared', () => {
    expect(gateFaults([{ champion: 'better' }], { metrics: {}, hasChampion: false })).toEqual([]);
    expect(gateFaults([{ champion: 'better' }], { metrics: {}, hasChampion: true })).toHaveLength(1);
  });
});

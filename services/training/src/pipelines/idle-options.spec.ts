import { describe, expect, it } from 'vitest';
import { idleOptions } from './idle-options.js';

const base = { label: { column: 'y', positive: [1] }, features: [{ name: 'x', kind: 'numeric' }] };
const pathsOf = (more: object) => idleOptions({ ...base, ...more }).map(({ path }) => path.join('.'));

describe('idleOptions', () => {
  it('finds options that a kind of feature does not have', () => {
    const features = [
      { name: 'a', kind: 'numeric', log: true, clip: { max: 3 }, impute: 'mean' },
      { name: 'b', kind: 'categorical', encode: 'frequency' },
      { name: 'c', kind: 'categorical', log: true, impute: 'zero' },
      { name: 'd', kind: 'text', encode: 'one-hot' },
    ];
    expect(pathsOf({ features })).toEqual(['features.2.log', 'features.2.impute', 'features.3.encode']);
  });

  it('lets only trees, and programs, promise a direction', () => {
    const features = [{ name: 'x', kind: 'numeric', monotone: 'increasing' }];
    expect(pathsOf({ features })).toEqual(['features.0.monotone']);
    expect(pathsOf({ features, trainer: 'gradient-boosting' })).toEqual([]);
    expect(pathsOf({ features, trainer: 'a-program' })).toEqual([]);
  });

  it('finds parameters of classes where a number is told', () => {
    const label = { column: 'y', task: 'regression' };
    const params = { calibration: 'platt', classWeights: 'none', trees: 5 };
    expect(pathsOf({ trainer: 'gradient-boosting', label, params })).toEqual(['params.calibration']);
    expect(pathsOf({ trainer: 'gradient-boosting', params })).toEqual([]);
  });
});

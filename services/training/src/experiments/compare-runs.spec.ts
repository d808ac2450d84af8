import { describe, expect, it } from 'vitest';
import { type ComparedRun, compareRuns } from './compare-runs.js';

const run = (runId: string, more: Partial<ComparedRun>): ComparedRun => ({ runId, params: {}, metrics: {}, tags: {}, facts: {}, ...more });

describe('runs side by side', () => {
  it('show what differs first, and a gap where a run has nothing', () => {
    const rows = compareRuns([
      run('a', { params: { l2: 1, trainer: 'prior' }, metrics: { auc: 0.7 } }),
      run('b', { params: { l2: 2, trainer: 'prior' }, tags: { team: 'x' } }),
    ]);
    expect(rows).toEqual([
      { kind: 'param', name: 'l2', values: [1, 2], isSame: false },
      { kind: 'metric', name: 'auc', values: [0.7, null], isSame: false },
      { kind: 'tag', name: 'team', values: [null, 'x'], isSame: false },
      { kind: 'param', name: 'trainer', values: ['prior', 'prior'], isSame: true },
    ]);
  });

  it('take names that objects have by themselves for names like others', () => {
    const rows = compareRuns([run('a', { tags: { constructor: 'x' } }), run('b', {})]);
    expect(rows).toEqual([{ kind: 'tag', name: 'constructor', values: ['x', null], isSame: false }]);
  });
});

import { describe, expect, it } from 'vitest';
import { parseFilter, parseOrder } from './run-filter.js';

describe('a filter of runs', () => {
  it('compares a metric or a parameter with a number', () => {
    expect(parseFilter('metric.auc>=0.8')).toEqual({ kind: 'metric', name: 'auc', operator: '>=', value: 0.8 });
    expect(parseFilter('param.l2 < 1e-3')).toEqual({ kind: 'param', name: 'l2', operator: '<', value: 0.001 });
    expect(parseFilter('metric.trainer.trees!=12')).toMatchObject({ name: 'trainer.trees', operator: '!=', value: 12 });
  });

  it('compares words for being the same only', () => {
    expect(parseFilter('param.trainer=prior')).toMatchObject({ value: 'prior' });
    expect(parseFilter('tag.release=2024')).toMatchObject({ kind: 'tag', value: '2024' });
    expect(parseFilter('tag.team>a')).toBeUndefined();
    expect(parseFilter('param.trainer<z')).toBeUndefined();
  });

  it.each(['', 'auc>1', 'metric.auc', 'metric.>1', 'note.x=1', `tag.x=${'y'.repeat(201)}`])('is refused as %s', (text) => {
    expect(parseFilter(text)).toBeUndefined();
  });
});

describe('an order of runs', () => {
  it('names a metric or a parameter, the highest first with a minus', () => {
    expect(parseOrder('metric.auc')).toEqual({ kind: 'metric', name: 'auc', isDescending: false });
    expect(parseOrder('-param.l2')).toEqual({ kind: 'param', name: 'l2', isDescending: true });
    expect(parseOrder('tag.team')).toBeUndefined();
  });
});

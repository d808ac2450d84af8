import { describe, expect, it } from 'vitest';
import { meetsTarget, renderFigures } from './figures.js';

const figure = { name: 'ready', value: 12, unit: 's', better: 'lower', target: 20 } as const;

describe('meetsTarget', () => {
  it('goes by the value where there is no baseline', () => {
    expect(meetsTarget(figure)).toBe(true);
    expect(meetsTarget({ ...figure, value: 21 })).toBe(false);
  });
  it('goes by the ratio where there is one', () => {
    expect(meetsTarget({ ...figure, baseline: 10, ratio: 1.2, better: 'higher', target: 1 })).toBe(true);
  });
  it('says nothing without a target', () => {
    expect(meetsTarget({ name: 'x', value: 1, unit: 's', better: 'lower' })).toBeUndefined();
  });
});

it('says which target was missed', () => {
  expect(renderFigures([{ ...figure, value: 30 }])).toContain('<= 20 MISSED');
});

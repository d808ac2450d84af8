import { describe, expect, it } from 'vitest';
import { defaultPolicy } from '../policies/policy.js';
import { WindowCounts } from '../windows/window-counts.js';
import { outsideContract } from './outside-contract.js';
import { judgeWindow } from './window-drift.js';

function windowOf(feature: string, values: readonly (number | string | undefined)[]): WindowCounts {
  const window = new WindowCounts();
  for (const value of values) window.addRow([[feature, value]], 0.5);
  return window;
}
const numeric = { name: 'speed', kind: 'numeric' as const, missing: 0, edges: [], counts: [0], min: 0, max: 600, quantiles: [] };
const categorical = { name: 'size', kind: 'categorical' as const, missing: 0, categories: [] };

describe('what the contract of the training data does not allow', () => {
  it('is counted for each feature, with examples', () => {
    const limits = { minimum: 0, maximum: 600 };
    const speeds = [...Array.from({ length: 300 }, (_, i) => 2 * i), 600, 600, -5, 1111, undefined];
    expect(outsideContract({ ...numeric, limits }, windowOf('speed', speeds))).toEqual([
      expect.stringMatching(/^2 of 304 values are not what the contract of the training data allows, for example /),
    ]);
    const sizes = windowOf('size', ['Small', 'Small', 'Huge', 'tiny', undefined]);
    expect(outsideContract({ ...categorical, limits: { allowed: ['Small', 'Large'] } }, sizes)).toEqual([
      '2 of 4 values are not what the contract of the training data allows, for example "Huge", "tiny"',
    ]);
  });

  it('is nothing where all is within, at the limit, or without limits', () => {
    const speeds = windowOf('speed', [0, 0, 300, 600]);
    expect(outsideContract({ ...numeric, limits: { minimum: 0, maximum: 600 } }, speeds)).toEqual([]);
    expect(outsideContract(numeric, windowOf('speed', [9999]))).toEqual([]);
  });

  it('is said with the verdict of its feature, and changes no verdict', () => {
    const feature = { ...categorical, categories: [{ value: 'Small', count: 100 }] };
    const verdictOf = (limits?: object) => {
      const profile = { features: [{ ...feature, ...(limits && { limits }) }], prediction: numeric } as unknown as Parameters<
        typeof judgeWindow
      >[0];
      const months = [
        {
          month: '2001-01-01',
          counts: windowOf(
            'size',
            Array.from({ length: 200 }, (_, i) => (i < 2 ? 'Huge' : 'Small')),
          ),
        },
      ];
      const window = { grain: 'month' as const, from: new Date('2001-01-01'), to: new Date('2001-02-01') };
      return judgeWindow(profile, { window, months, faults: [], earlier: [] }, defaultPolicy.drift)[0]!;
    };
    const [plain, limited] = [verdictOf(), verdictOf({ allowed: ['Small'] })];
    const said = '2 of 200 values are not what the contract of the training data allows, for example "Huge"';
    expect(limited).toEqual({ ...plain, reasons: [...plain.reasons, said] });
  });
});

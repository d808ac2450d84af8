import type { RoutingEntry } from '@bascule/contracts';
import { describe, expect, it } from 'vitest';
import { classNamesOf, labelNumber } from './label-number.js';

describe('a label that a client sends', () => {
  it('is a number, or the name of a class as predictions answer it', () => {
    const classes = ['none', 'damage'];
    expect([1, 0.5, 'damage', 'none', '1', '-2.5'].map((label) => labelNumber(label, classes))).toEqual([1, 0.5, 1, 0, 1, -2.5]);
    expect([true, false].map((label) => labelNumber(label, []))).toEqual([1, 0]);
  });

  it('names its class even where names look like numbers', () => expect(labelNumber('1', ['2', '1'])).toBe(1));

  it('is refused when it is neither', () => {
    expect(['', 'Damage', 'ten', '1e999', 'NaN'].map((label) => labelNumber(label, ['none', 'damage']))).toEqual(
      new Array(5).fill(undefined),
    );
  });
});

describe('the classes of a model', () => {
  const version = (percent: number, name: string) => ({
    version: percent + 1,
    percent,
    role: 'champion' as const,
    artifactDigest: 'a'.repeat(64),
    artifactSizeBytes: 1,
    signature: {
      inputs: [{ name: 'x', datatype: 'FP32' as const, shape: [-1] }],
      outputs: [{ name: 'probabilities', datatype: 'FP32' as const, shape: [-1, 1], columns: [name] }],
    },
  });

  it('are those of the version that answers most', () => {
    const versions = [version(10, 'new'), version(90, 'old')];
    expect(classNamesOf({ versions } as RoutingEntry)).toEqual(['old']);
    expect(classNamesOf(undefined)).toEqual([]);
  });
});

import type { RoutingEntry, TensorSpec } from '@bascule/contracts';
import { describe, expect, it } from 'vitest';
import { classesOf, labelNumber } from './label-number.js';

const damage = { names: ['none', 'damage'], count: 2 };
const regressor = { names: [], count: undefined };

describe('a label that a client sends', () => {
  it('is the position of a class, or its name as predictions answer it', () => {
    expect([1, 0, 'damage', 'none', '1', true, false].map((label) => labelNumber(label, damage))).toEqual([1, 0, 1, 0, 1, 1, 0]);
  });

  it('is any number for a regressor', () =>
    expect([7, 0.5, '-2.5', true].map((label) => labelNumber(label, regressor))).toEqual([7, 0.5, -2.5, 1]));

  it('names its class even where names look like numbers', () => {
    expect(labelNumber('1', { names: ['2', '1'], count: 2 })).toBe(1);
    expect(labelNumber(7, { names: ['3', '7'], count: 2 })).toBe(1);
  });

  it('is refused when it is neither', () => {
    const labels = ['', 'Damage', 'ten', '1e999', 'NaN', 2, 7, 0.5, -1, '7', '0.5'];
    expect(labels.map((label) => labelNumber(label, damage))).toEqual(labels.map(() => undefined));
    expect(labelNumber(true, { names: [], count: 1 })).toBeUndefined();
  });
});

describe('the classes of a model', () => {
  const entryOf = (...outputs: TensorSpec[][]) =>
    ({ versions: outputs.map((specs, i) => ({ percent: 90 - i, signature: { inputs: [], outputs: specs } })) }) as unknown as RoutingEntry;
  const probabilities = (length: number, columns?: string[]): TensorSpec => ({
    name: 'probabilities',
    datatype: 'FP32',
    shape: [-1, length],
    ...(columns ? { columns } : {}),
  });

  it('are those of the version that answers most, and as many as any version has', () => {
    expect(classesOf(entryOf([probabilities(2, ['old', 'older'])], [probabilities(3, ['a', 'b', 'c'])]))).toEqual({
      names: ['old', 'older'],
      count: 3,
    });
    expect(classesOf(entryOf([{ name: 'label', datatype: 'INT64', shape: [-1], classes: ['none', 'damage'] }])).count).toBe(2);
    expect(classesOf(entryOf([probabilities(-1, ['a', 'b'])])).count).toBe(2);
  });

  it('are unknown for a regressor, a model without versions, and where a version does not tell', () => {
    const value: TensorSpec = { name: 'value', datatype: 'FP32', shape: [-1, 1] };
    for (const entry of [undefined, entryOf(), entryOf([value]), entryOf([probabilities(2)], [value]), entryOf([probabilities(-1)])])
      expect(classesOf(entry).count).toBeUndefined();
  });
});

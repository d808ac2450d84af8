import assert from 'node:assert/strict';
import { describe, it } from 'vitest';
import type { Tensor } from '../inference/tensor.js';
import { isSameComputation, isSameResult } from './warm-up.js';

const rows = (width: number, ...data: number[]): Tensor[] => [
  { name: 'y', datatype: 'FP32', shape: [data.length / width, width], data: Float32Array.from(data) },
];

describe('one model computed twice', () => {
  it.each([
    ['rounded otherwise', rows(1, 1_000, 1), rows(1, 1_000.0001, 1.000_001)],
    ['rounded otherwise where parts cancel out', rows(1, 1_000, 0), rows(1, 1_000, 5e-4)],
    ['without numbers, and with infinite ones', rows(2, Number.NaN, -Infinity), rows(2, Number.NaN, -Infinity)],
    ['without rows', rows(3), rows(3)],
  ])('is the same %s', (_, once, again) => {
    assert.ok(isSameComputation(once, again));
  });

  it.each([
    ['a cell that is off by more than rounding', rows(1, 1_000, 1), rows(1, 1_000, 1.01)],
    ['a small column beside a large one', rows(2, 1_000_000, 0.2), rows(2, 1_000_000, 0.21)],
    ['a number in place of none', rows(1, Number.NaN), rows(1, 0)],
    ['the other infinity', rows(1, Infinity), rows(1, -Infinity)],
    ['another number of rows', rows(1, 1, 2), rows(1, 1)],
  ])('is not the same with %s', (_, once, again) => {
    assert.ok(!isSameComputation(once, again));
  });

  it('has the same labels, whatever their size', () => {
    const labels = (label: number): Tensor[] => [{ name: 'label', datatype: 'INT32', shape: [2], data: Int32Array.of(label, 2_000_000) }];
    assert.ok(isSameComputation(labels(7), labels(7)));
    assert.ok(!isSameComputation(labels(7), labels(8)));
  });

  it('leaves rows that run alone and together less room', () => {
    assert.ok(isSameResult(rows(1, 1_000, 1), rows(1, 1_000, 1.000_001)));
    assert.ok(!isSameResult(rows(1, 1_000, 0), rows(1, 1_000, 5e-4)));
  });
});

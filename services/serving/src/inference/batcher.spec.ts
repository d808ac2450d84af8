import assert from 'node:assert/strict';
import { describe, it } from 'vitest';
import { Batcher } from './batcher.js';
import type { Tensor } from './tensor.js';

const rows = (...values: number[]): Tensor[] => [
  { name: 'x', datatype: 'FP32', shape: [values.length, 1], data: Float32Array.from(values) },
];
const limits = { maxRows: 4, maxWaitingRows: 6 };
const valuesOf = (outputs: Tensor[]) => Array.from(outputs[0]?.data as Float32Array);

function doubling(sizes: number[] = []) {
  return async (inputs: readonly Tensor[]): Promise<Tensor[]> => {
    const data = inputs[0]?.data as Float32Array;
    sizes.push(data.length);
    if (data.includes(-1)) throw new Error('bad value');
    return [{ ...(inputs[0] as Tensor), name: 'y', data: data.map((value) => value * 2) }];
  };
}

describe('the batcher', () => {
  it('runs what arrives in one turn together and gives each caller its rows', async () => {
    const sizes: number[] = [];
    const batcher = new Batcher(doubling(sizes), limits);
    const answers = await Promise.all([batcher.infer(rows(1), ['y']), batcher.infer(rows(2, 3), ['y'])]);
    assert.deepEqual(answers.map(valuesOf), [[2], [4, 6]]);
    assert.deepEqual(sizes, [3]);
  });

  it('does not exceed its rows, and runs a larger request alone', async () => {
    const sizes: number[] = [];
    const batcher = new Batcher(doubling(sizes), limits);
    await Promise.all([batcher.infer(rows(1, 2, 3), ['y']), batcher.infer(rows(4, 5), ['y'])]);
    await batcher.infer(rows(1, 2, 3, 4, 5), ['y']);
    assert.deepEqual(sizes, [3, 2, 5]);
  });

  it('does not let a bad request fail its neighbours', async () => {
    const batcher = new Batcher(doubling(), limits);
    const [good, bad] = await Promise.allSettled([batcher.infer(rows(1), ['y']), batcher.infer(rows(-1), ['y'])]);
    assert.deepEqual(good.status === 'fulfilled' && valuesOf(good.value), [2]);
    assert.equal(bad.status, 'rejected');
  });

  it('does not stack rows of different form', async () => {
    const sizes: number[] = [];
    const batcher = new Batcher(doubling(sizes), limits);
    const wide: Tensor[] = [{ name: 'x', datatype: 'FP32', shape: [1, 2], data: Float32Array.of(1, 2) }];
    await Promise.all([batcher.infer(rows(1), ['y']), batcher.infer(wide, ['y'])]);
    assert.deepEqual(sizes, [1, 2]);
  });

  it('turns requests away when too many rows wait', async () => {
    const batcher = new Batcher(doubling(), limits);
    const waiting = [batcher.infer(rows(1, 2, 3), ['y']), batcher.infer(rows(1, 2, 3), ['y'])];
    await assert.rejects(batcher.infer(rows(1), ['y']), /serving.queue_full/);
    await Promise.all(waiting);
  });
});

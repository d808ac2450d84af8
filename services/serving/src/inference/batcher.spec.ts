import assert from 'node:assert/strict';
import type { BasculeError } from '@bascule/platform';
import { describe, it } from 'vitest';
import { Batcher } from './batcher.js';
import type { Tensor } from './tensor.js';

const rows = (...values: number[]): Tensor[] => [
  { name: 'x', datatype: 'FP32', shape: [values.length, 1], data: Float32Array.from(values) },
];
const limits = { maxRows: 4, maxBatchBytes: 1_000, maxWaitingRows: 6, maxWaitingBytes: 10_000 };
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
  /** A model that answers when it is told to. */
  function heldUp() {
    const calls: { size: number; answer: () => void }[] = [];
    const run = (inputs: readonly Tensor[]) =>
      new Promise<Tensor[]>((resolve) => {
        calls.push({ size: inputs[0]?.data.length ?? 0, answer: () => resolve([inputs[0] as Tensor]) });
      });
    return { run, calls };
  }
  const turn = () => new Promise((resolve) => setImmediate(resolve));

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
    const { run, calls } = heldUp();
    const batcher = new Batcher(run, limits);
    const running = [batcher.infer(rows(1, 2, 3, 4), ['y']), batcher.infer(rows(1, 2, 3, 4), ['y'])];
    const waiting = [batcher.infer(rows(1, 2, 3), ['y']), batcher.infer(rows(1, 2, 3), ['y'])];
    await assert.rejects(batcher.infer(rows(1), ['y']), /serving.queue_full/);
    for (let open = calls.length; open > 0; open = calls.length) {
      for (const { answer } of calls.splice(0)) answer();
      await turn();
    }
    await Promise.all([...running, ...waiting]);
  });

  it('answers at the deadline what waits or runs, and does not run what waited', async () => {
    const { run, calls } = heldUp();
    const batcher = new Batcher(run, { ...limits, maxRows: 1 });
    const deadlineAt = performance.now() + 300;
    const late = [1, 2, 3].map((value) => batcher.infer(rows(value), ['y'], { deadlineAt }));
    const patient = batcher.infer(rows(4), ['y']);
    for (const answer of late) await assert.rejects(answer, /serving.deadline_exceeded/);
    assert.equal(calls.length, 2);
    for (const { answer } of calls.splice(0)) answer();
    await turn();
    await turn();
    assert.equal(calls.length, 1);
    calls[0]?.answer();
    assert.deepEqual(valuesOf(await patient), [4]);
  });

  it('keeps a model busy while whole batches wait, and does not wait for the end of the turn with them', async () => {
    const calls: (() => void)[] = [];
    let isHeld = false;
    const batcher = new Batcher(
      (inputs, _outputs, meter) => {
        meter.ms = 20;
        const answer = [inputs[0] as Tensor];
        return isHeld ? new Promise((resolve) => calls.push(() => resolve(answer))) : Promise.resolve(answer);
      },
      { ...limits, maxRows: 2, maxWaitingRows: 100 },
    );
    for (let known = 0; known < 10; known++) await batcher.infer(rows(1, 2), ['y']);
    await turn();
    isHeld = true;
    const answers = Array.from({ length: 20 }, (_, value) => batcher.infer(rows(value), ['y']));
    // 20 ms each: as many as take 50 ms, without a turn in between
    assert.equal(calls.length, 3);
    for (let open = answers.length; open > 0; open = calls.length) {
      for (const answer of calls.splice(0)) answer();
      await turn();
    }
    assert.deepEqual(
      (await Promise.all(answers)).flatMap(valuesOf),
      Array.from({ length: 20 }, (_, value) => value),
    );
  });

  it('refuses what is past its deadline when it comes', async () => {
    const { run, calls } = heldUp();
    const batcher = new Batcher(run, limits);
    await assert.rejects(batcher.infer(rows(1), ['y'], { deadlineAt: performance.now() - 1 }), /serving.deadline_exceeded/);
    assert.equal(calls.length, 0);
  });

  it('does not run what nobody waits for any more', async () => {
    const sizes: number[] = [];
    const batcher = new Batcher(doubling(sizes), limits);
    const gone = batcher.infer(rows(1, 2), ['y'], { isAbandoned: () => true });
    const there = batcher.infer(rows(3), ['y']);
    await assert.rejects(gone, /client has gone/);
    assert.deepEqual(valuesOf(await there), [6]);
    assert.deepEqual(sizes, [1]);
  });

  it('lets lower priorities wait for live requests, and never fills both places with them', async () => {
    const { run, calls } = heldUp();
    const batcher = new Batcher(run, { ...limits, maxRows: 2 });
    const all = [1, 2, 3, 4].map((value) => batcher.infer(rows(value, value), ['y'], { priority: 'batch' }).catch(() => undefined));
    await turn();
    assert.equal(calls.length, 1);
    all.push(batcher.infer(rows(9), ['y']));
    await turn();
    assert.deepEqual(
      calls.map(({ size }) => size),
      [2, 1],
    );
    while (!batcher.isIdle) {
      calls.shift()?.answer();
      await turn();
    }
    await Promise.all(all);
  });

  it('turns away at arrival what could not be answered in time, and says when to come back', async () => {
    const { run, calls } = heldUp();
    const batcher = new Batcher(run, { ...limits, maxRows: 1, maxWaitingRows: 1_000 });
    for (let index = 0; index < 10; index++) {
      const answer = batcher.infer(rows(index), ['y']);
      await turn();
      const until = performance.now() + 5;
      while (performance.now() < until);
      calls.shift()?.answer();
      await answer;
    }
    const waiting = Array.from({ length: 400 }, (_, index) => batcher.infer(rows(index), ['y']));
    assert.ok(batcher.waitMs() > 1_000);
    const error = (await batcher.infer(rows(1), ['y'], { deadlineAt: performance.now() + 200 }).catch((reason) => reason)) as BasculeError;
    assert.equal(error.code, 'serving.queue_full');
    assert.ok(Number(error.params['retryAfterSeconds']) >= 2);
    while (!batcher.isIdle) {
      calls.shift()?.answer();
      await turn();
    }
    await Promise.all(waiting);
  });

  it('counts for what waits whatever keeps runs from following one another', async () => {
    let last = Promise.resolve();
    // one after another, 20 ms each, of which they compute one
    const run = async (inputs: readonly Tensor[], _outputs: readonly string[], meter: { ms?: number | undefined }) => {
      last = last.then(() => new Promise((resolve) => setTimeout(resolve, 20)));
      await last;
      meter.ms = 1;
      return [inputs[0] as Tensor];
    };
    const batcher = new Batcher(run, { ...limits, maxRows: 1, maxWaitingRows: 1_000 });
    const waits: number[] = [];
    await Promise.all(Array.from({ length: 40 }, (_, index) => batcher.infer(rows(index), ['y']).then(() => waits.push(batcher.waitMs()))));
    // ten are left
    assert.ok((waits[29] as number) > 30, `${waits[29]}`);
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'vitest';
import { Batcher } from '../inference/batcher.js';
import type { Tensor } from '../inference/tensor.js';
import { hasRoom } from './queue-room.js';

const limits = { maxRows: 1, maxBatchBytes: 1e6, maxWaitingRows: 1e4, maxWaitingBytes: 1e9 };
const row: Tensor[] = [{ name: 'x', datatype: 'FP32', shape: [1, 1], data: new Float32Array(1) }];

/** A queue that has learnt that a run takes 50 ms, with so many that wait behind one that does not end. */
async function queueOf(waiting: number, timeoutMs: number): Promise<Batcher> {
  let isStuck = false;
  const batcher = new Batcher((inputs, _outputs, meter) => {
    meter.ms = 50;
    return isStuck ? new Promise(() => undefined) : Promise.resolve([...inputs]);
  }, limits);
  const infer = () => batcher.infer(row, ['y'], { deadlineAt: performance.now() + timeoutMs });
  for (let run = 0; run < 10; run++) await infer();
  isStuck = true;
  for (let item = 0; item < waiting; item++) infer().catch(() => undefined);
  return batcher;
}

describe('the room in front of a model', () => {
  it('is for those that it can answer in the time they usually have', async () => {
    assert.equal(hasRoom(await queueOf(4, 1_000), 0), true);
    assert.equal(hasRoom(await queueOf(9, 1_000), 0), false);
    assert.equal(hasRoom(await queueOf(9, 10_000), 0), true);
  });

  it('is smaller for a process that is late', async () => {
    const queue = await queueOf(4, 1_000);
    assert.deepEqual([hasRoom(queue, 100), hasRoom(queue, 300)], [true, false]);
  });

  it('is there when nobody waits, however late the process is', async () => {
    assert.equal(hasRoom(await queueOf(0, 1_000), 5_000), true);
  });

  it('is for nobody who has less time than those that usually come', async () => {
    const queue = await queueOf(4, 30_000);
    assert.deepEqual(
      [100, 1_000].map((patienceMs) => hasRoom(queue, 0, () => patienceMs)),
      [false, true],
    );
    assert.equal(
      hasRoom(await queueOf(0, 30_000), 0, () => 1),
      true,
    );
  });

  it('is told without a look at what this one says when hardly anybody is ahead', () => {
    const looks = [5, 6].map((waitMs) => {
      let count = 0;
      const own = () => ++count * 1_000;
      assert.equal(hasRoom({ waitMs: () => waitMs, patienceMs: 30_000 }, 0, own), true);
      return count;
    });
    assert.deepEqual(looks, [0, 1]);
  });

  it('grows at once with a longer deadline, and any number of short ones takes nothing of it', async () => {
    const queue = await queueOf(9, 1_000);
    const ask = (timeoutMs: number) => queue.infer(row, ['y'], { deadlineAt: performance.now() + timeoutMs }).catch(() => undefined);
    assert.equal(hasRoom(queue, 0), false);
    void ask(30_000);
    assert.equal(hasRoom(queue, 0), true);
    for (let count = 0; count < 3_000; count++) void ask(0.5);
    assert.equal(hasRoom(queue, 0), true);
  });
});

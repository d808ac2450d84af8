import assert from 'node:assert/strict';
import { describe, it } from 'vitest';
import { type Priority, type Queued, RunQueue } from './run-queue.js';

const limits = { maxRows: 4, maxBatchBytes: 100, maxWaitingRows: 100, maxWaitingBytes: 1_000 };
type Item = Queued & { readonly name: string };
const item = (name: string, change: Partial<Queued> = {}): Item => ({
  name,
  rows: 1,
  bytes: 1,
  form: 'a',
  priority: 'live',
  deadlineAt: undefined,
  ...change,
});
const names = (items: Item[]) => items.map(({ name }) => name).join('');

function filled(...items: Item[]): RunQueue<Item> {
  const queue = new RunQueue<Item>(limits);
  for (const one of items) assert.ok(queue.add(one));
  return queue;
}

describe('the queue of a model', () => {
  it('takes what arrived first, up to the rows of a run', () => {
    const queue = filled(...'abcdef'.split('').map((name) => item(name)));
    assert.equal(names(queue.take(false)), 'abcd');
    assert.equal(names(queue.take(false)), 'ef');
    assert.equal(queue.isEmpty, true);
    assert.equal(queue.waitingBytes, 0);
  });

  it('takes up to the bytes of a run', () => {
    const queue = filled(item('a', { bytes: 60 }), item('b', { bytes: 60 }), item('c', { bytes: 40 }));
    assert.equal(names(queue.take(false)), 'ac');
    assert.equal(names(queue.take(false)), 'b');
  });

  it('keeps the place of a request of another form', () => {
    const queue = filled(item('a'), item('x', { form: 'b' }), item('c'));
    assert.equal(names(queue.take(false)), 'ac');
    assert.equal(names(queue.take(false)), 'x');
  });

  it('runs requests without a form alone', () => {
    const queue = filled(item('a', { form: '' }), item('b', { form: '' }));
    assert.equal(names(queue.take(false)), 'a');
  });

  it('is bounded in rows and in bytes, but takes one of any size when nothing waits', () => {
    const queue = filled(item('a', { rows: 500, bytes: 5_000 }));
    assert.equal(queue.add(item('b')), false);
    queue.take(false);
    assert.equal(queue.add(item('b', { rows: 99 })), true);
    assert.equal(queue.add(item('c', { rows: 2 })), false);
    assert.equal(queue.add(item('d', { bytes: 1_000 })), false);
    assert.equal(queue.waitingRows, 99);
  });

  it('leaves half of the room to live requests', () => {
    const queue = filled(item('a', { rows: 50, priority: 'batch' }));
    assert.equal(queue.add(item('b', { priority: 'batch' })), false);
    assert.equal(queue.add(item('c', { rows: 50 })), true);
  });

  it('asks lower priorities only when nothing live waits, and gives them a small share when that never happens', () => {
    const queue = new RunQueue<Item>(limits);
    const lower: Priority[] = ['shadow', 'batch'];
    for (const priority of lower) for (let index = 0; index < 8; index++) queue.add(item('l', { priority, form: '' }));
    const taken: Record<Priority, number> = { live: 0, shadow: 0, batch: 0 };
    for (let turn = 0; turn < 100; turn++) {
      queue.add(item('v'));
      for (const { priority } of queue.take(false)) taken[priority]++;
    }
    assert.equal(taken.shadow, 8);
    assert.ok(taken.batch >= 3 && taken.batch <= 6, `${taken.batch}`);
    assert.ok(taken.live > 80);
  });

  it('leaves lower priorities where they are when asked for live ones only', () => {
    const queue = filled(item('s', { priority: 'shadow' }));
    assert.deepEqual(queue.take(true), []);
    assert.equal(names(queue.take(false)), 's');
  });

  it('gives out what is past its deadline and knows the next one', () => {
    const queue = filled(item('a', { deadlineAt: 10 }), item('b'), item('c', { deadlineAt: 20, priority: 'batch' }));
    assert.equal(names(queue.expire(10)), 'a');
    assert.equal(queue.nextDeadline(), 20);
    assert.equal(queue.waitingRows, 2);
    assert.equal(queue.waitingBytes, 2);
  });
});

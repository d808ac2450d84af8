import { expect, it } from 'vitest';
import { attemptEach } from './attempt-each.js';

it('what fails holds up nothing else, and is said at the end', async () => {
  const done: number[] = [];
  const work = async (item: number) => {
    if (item < 3) throw new Error(`no ${item}`);
    done.push(item);
  };
  await expect(attemptEach([1, 3, 4], work)).rejects.toThrow('no 1');
  await expect(attemptEach([1, 2, 5], work)).rejects.toThrow('2 failed, the first: no 1');
  await attemptEach([6], work);
  expect(done).toEqual([3, 4, 5, 6]);
});

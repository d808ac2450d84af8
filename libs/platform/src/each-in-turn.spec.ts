import { expect, it } from 'vitest';
import { eachInTurn } from './each-in-turn.js';

it('does the work for every item although some fail, one after the other', async () => {
  const done: number[] = [];
  const work = async (item: number) => {
    if (item % 2) throw new Error(`${item} failed`);
    await null;
    done.push(item);
  };
  await expect(eachInTurn([0, 1, 2, 4], work)).rejects.toThrow('1 failed');
  await expect(eachInTurn([1, 3, 6], work)).rejects.toMatchObject({
    message: '2 failed',
    errors: [{ message: '1 failed' }, { message: '3 failed' }],
  });
  await eachInTurn([8], work);
  expect(done).toEqual([0, 2, 4, 6, 8]);
});

import { expect, it } from 'vitest';
import { Together } from './together.js';

it('what arrives at once is worked on together, in order, so many at most', async () => {
  const seen: number[][] = [];
  const together = new Together<number>(3, async (items) => {
    seen.push([...items]);
  });
  await Promise.all([1, 2, 3, 4, 5].map((item) => together.add(item)));
  expect(seen).toEqual([
    [1, 2, 3],
    [4, 5],
  ]);
});

it('what arrives while others are worked on waits for them', async () => {
  const seen: number[][] = [];
  let later: Promise<void> | undefined;
  const together = new Together<number>(10, async (items) => {
    seen.push([...items]);
    later ??= together.add(2);
    await new Promise(setImmediate);
  });
  await together.add(1);
  await later;
  await together.add(3);
  expect(seen).toEqual([[1], [2], [3]]);
});

import { expect, it } from 'vitest';
import { eachDue } from './each-due.js';

const windowOf = (model_name: string) => ({ model_name, model_version: 1, day: '2002-01-01' });

it('a window that cannot be judged keeps no other from its verdict, and is said', async () => {
  const left = new Set(['broken', 'sound']);
  const judge = async ({ model_name: name }: { model_name: string }) => {
    if (name === 'broken') throw new Error('broken');
    left.delete(name);
  };
  await expect(eachDue(async () => [...left].map(windowOf), judge)).rejects.toThrow('broken');
  expect([...left]).toEqual(['broken']);
});

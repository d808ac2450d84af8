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

it('more windows that fail than are found at once keep no other from its verdict', async () => {
  const left = new Set(['broken-1', 'broken-2', 'broken-3', 'sound']);
  const judge = async ({ model_name: name }: { model_name: string }) => {
    if (name !== 'sound') throw new Error('broken');
    left.delete(name);
  };
  const find = async (except: readonly string[]) =>
    [...left]
      .map(windowOf)
      .filter(({ model_name: name }) => !except.includes(`${name}/1/2002-01-01`))
      .slice(0, 2);
  await expect(eachDue(find, judge)).rejects.toThrow('broken');
  expect(left.has('sound')).toBe(false);
});

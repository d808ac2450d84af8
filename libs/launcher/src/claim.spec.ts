import { expect, it } from 'vitest';
import { decideClaim } from './claim.js';

const decide = (owner: string | undefined, serverIsUsed: boolean, directoryIsUsed: boolean) =>
  decideClaim({ owner, isUsed: serverIsUsed }, { installation: 'a', isUsed: directoryIsUsed });

it('takes a new server for a new data directory', () => {
  expect(decide(undefined, false, false)).toBe('free');
});

it('knows its own server again', () => {
  expect(decide('a', true, true)).toBe('ours');
});

it('refuses a server of another data directory, marked or not', () => {
  expect(decide('b', true, true)).toBe('foreign');
  expect(decide('b', false, false)).toBe('foreign');
  expect(decide(undefined, true, false)).toBe('foreign');
});

it('refuses an empty server for a data directory that has another', () => {
  expect(decide(undefined, false, true)).toBe('other-server');
});

it('marks a server that was in use before there were marks', () => {
  expect(decide(undefined, true, true)).toBe('free');
});

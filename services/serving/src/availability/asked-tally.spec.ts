import { describe, expect, it } from 'vitest';
import { AskedTally } from './asked-tally.js';

describe('what was asked of a model', () => {
  it.each<[what: string, asked: string, requests: number, failed: number]>([
    ['counts answers and failures', 'a b !', 3, 1],
    ['counts what fails on values of the only key', 'a -a -a', 3, 2],
    ['does not count what fails on values of one key among several', 'a b -a -a -a', 2, 0],
    ['does not count it either when that key has no answer at all', '-a -a b', 1, 0],
    ['counts what fails on the values of several', 'a b -a -b', 4, 2],
  ])('%s: %s', (_what, asked, requests, failed) => {
    const tally = new AskedTally();
    for (const word of asked.split(' ')) {
      if (word === '!') tally.failedAtOnce();
      else if (word.startsWith('-')) tally.failedOnValues(word.slice(1));
      else tally.answered(word);
    }
    expect(tally.count()).toEqual({ requests, failed });
  });
});

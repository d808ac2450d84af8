import { describe, expect, it } from 'vitest';
import { type Shares, shareByHash, shareByTime, sharesText, timeCuts } from './split.js';

const shares: Shares = [
  ['train', 80],
  ['test', 20],
];

describe('a split by hash', () => {
  const keys = Array.from({ length: 10_000 }, (_, i) => `K-${i}`);
  it('puts a key always into the same share', () => {
    for (const key of keys.slice(0, 100)) expect(shareByHash(key, shares, 's')).toBe(shareByHash(key, shares, 's'));
    expect(shareByHash('K-1', shares, 's')).toBe('train');
  });

  it('has the shares that were asked for, and others for another seed', () => {
    const split = keys.map((key) => shareByHash(key, shares, 's'));
    expect(split.filter((name) => name === 'test').length / keys.length).toBeCloseTo(0.2, 1);
    const moved = keys.filter((key, at) => shareByHash(key, shares, 't') !== split[at]);
    expect(moved.length / keys.length).toBeCloseTo(0.32, 1);
  });

  it('moves no key out of the first share when that grows', () => {
    const larger: Shares = [
      ['train', 90],
      ['test', 10],
    ];
    for (const key of keys) if (shareByHash(key, shares, 's') === 'train') expect(shareByHash(key, larger, 's')).toBe('train');
  });
});

describe('a split by time', () => {
  it('puts older records first and never divides a moment', () => {
    const times = Float64Array.from([1, 2, 3, 4, 5, 5, 5, 5, 9, 10]);
    const cuts = timeCuts(times, [
      ['train', 60],
      ['test', 40],
    ]);
    const split = [...times].map((at) => shareByTime(at, cuts, shares));
    expect(split).toEqual(['train', 'train', 'train', 'train', 'test', 'test', 'test', 'test', 'test', 'test']);
  });

  it('of no records has no trouble', () => expect(timeCuts(new Float64Array(), shares)).toEqual([Number.POSITIVE_INFINITY]));
});

it('reads shares, and refuses those that do not add up', () => {
  expect(sharesText.parse('train:80,test:20')).toEqual(shares);
  for (const text of ['train:80', 'train:80,train:20', 'train:120,test:-20', '', 'a b:100', 'train:,test:100'])
    expect(sharesText.safeParse(text).success).toBe(false);
});

import { describe, expect, it } from 'vitest';
import type { RunEntity } from './run.entity.js';
import { countLosses, midnightOf } from './run-usage.js';

const failed = { status: 'failed', result: null } as Pick<RunEntity, 'status' | 'result'>;
const ended = (verdict?: string) => {
  const champion = verdict === undefined ? {} : { champion: { version: 1, artifactDigest: '', metrics: {}, comparison: { verdict } } };
  return { status: 'succeeded', result: { metrics: {}, ...champion } } as unknown as RunEntity;
};

describe('losses in a row', () => {
  it('are runs since the last one that won', () => {
    expect(countLosses([failed, ended('worse'), ended('better'), failed])).toBe(2);
    expect(countLosses([ended('better'), failed])).toBe(0);
    expect(countLosses([])).toBe(0);
  });

  it('are also runs without a difference: they do not beat the champion', () => {
    expect(countLosses([ended('no-difference'), ended('too-little-data'), ended('worse')])).toBe(3);
  });

  it('end with a model that has no champion to beat', () => {
    expect(countLosses([failed, ended()])).toBe(1);
  });
});

it('a day begins at midnight UTC', () => {
  expect(midnightOf(new Date('2026-03-01T23:59:59.999+05:00'))).toEqual(new Date('2026-03-01T00:00:00Z'));
});

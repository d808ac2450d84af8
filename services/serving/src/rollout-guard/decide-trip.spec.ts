import assert from 'node:assert/strict';
import { describe, it } from 'vitest';
import { decideTrip, moreFrequent } from './decide-trip.js';
import { latencyBin } from './latency-bins.js';
import { type Recent, RecentAnswers } from './recent-answers.js';

const recent = (answered: number, failed: number, ms = 2): Recent => {
  const latency = new Array<number>(200).fill(0);
  latency[latencyBin(ms * 1000)] = answered;
  return { answered, failed, latency };
};

describe('a version is cut off', () => {
  const table: [name: string, version: Recent, champion: Recent, cause: string | undefined][] = [
    ['when everything fails', recent(0, 10), recent(90, 0), 'error-burst'],
    ['when half of it fails', recent(8, 8), recent(150, 1), 'error-burst'],
    ['when it fails and the champion has nothing to do', recent(2, 8), recent(0, 0), 'error-burst'],
    ['not when both fail alike', recent(20, 20), recent(180, 180), undefined],
    ['not by four failures', recent(0, 4), recent(500, 0), undefined],
    ['not by what chance explains', recent(20, 5), recent(20, 0), undefined],
    ['not when it fails a little more: that is for the judge', recent(1880, 120), recent(1960, 40), undefined],
    ['when it answers very slowly', recent(40, 0, 900), recent(100, 0, 3), 'latency-burst'],
    ['not when it takes a few milliseconds more', recent(40, 0, 40), recent(100, 0, 3), undefined],
    ['not when both are slow', recent(40, 0, 900), recent(100, 0, 800), undefined],
    ['not by a handful of slow answers', recent(10, 0, 900), recent(100, 0, 3), undefined],
  ];
  it.each(table)('%s', (_name, version, champion, cause) => assert.equal(decideTrip(version, champion)?.cause, cause));

  it('for slow answers only beyond all measure when the champion answered at another time', () => {
    assert.equal(decideTrip(recent(40, 0, 900), recent(100, 0, 3), false), undefined);
    assert.equal(decideTrip(recent(40, 0, 1500), recent(100, 0, 3), false)?.cause, 'latency-burst');
  });

  it('with figures', () => assert.match(decideTrip(recent(0, 10), recent(90, 0))!.reasons[0]!, /10 of 10 requests failed .* 0 of 90 \(p /));

  it('by a chance that is Fisher’s', () => {
    // the tea taster: 1 of the 70 ways to name four cups
    assert.ok(Math.abs(moreFrequent([4, 4], [0, 4]) - 1 / 70) < 1e-12);
    assert.equal(moreFrequent([0, 10], [3, 10]), 1);
  });
});

describe('what was answered in the last seconds', () => {
  it('is forgotten when they are over, and counted while they last', () => {
    const answers = new RecentAnswers(5_000);
    answers.answered(1_000, 2_000);
    answers.failed(3_000);
    answers.failed(3_100);
    assert.deepEqual([answers.read(3_200).answered, answers.read(3_200).failed], [1, 2]);
    assert.deepEqual([answers.read(6_600).answered, answers.read(6_600).failed], [0, 2]);
    answers.answered(9_000, 2_000);
    assert.deepEqual([answers.read(9_000).answered, answers.read(9_000).failed], [1, 0]);
    assert.equal(answers.read(60_000).answered, 0);
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'vitest';
import { DailyRows } from './daily-rows.js';
import { PeerUsage, peerLiveMs } from './peer-usage.js';

const wall = 20_000 * 86_400_000;
const day = 20_000;
function peers() {
  const rows = new DailyRows(day);
  return { rows, usage: new PeerUsage(rows) };
}

describe('what other gateways told', () => {
  it('counts the rows of the day, replaced page by page, of stopped gateways too', () => {
    const { rows, usage } = peers();
    usage.take('a', { atMs: wall, isLive: true }, 0, wall);
    usage.take('a.0', { atMs: wall, day, rows: { k: 5, l: 1 } }, 0, wall);
    usage.take('a.0', { atMs: wall, day, rows: { k: 9 } }, 0, wall);
    usage.take('b.0', { atMs: wall, day, rows: { k: 1 } }, 0, wall);
    usage.take('b.1', { atMs: wall, day: day - 1, rows: { k: 100 } }, 0, wall);
    assert.deepEqual([rows.of('k').others, rows.of('l').others], [10, 0]);
    usage.take('a', { atMs: wall, isLive: false }, 0, wall);
    usage.expire(peerLiveMs + 1);
    assert.equal(rows.of('k').others, 10);
    usage.take('b.0', undefined, 0, wall);
    assert.equal(rows.of('k').others, 9);
  });

  it('does not count twice what came between midnight and the next look', () => {
    const { rows, usage } = peers();
    usage.take('a.0', { atMs: wall, day: day + 1, rows: { k: 3 } }, 0, wall);
    rows.turn(day + 1);
    usage.take('b.0', { atMs: wall, day: day + 1, rows: { k: 4 } }, 0, wall);
    usage.recount();
    assert.equal(rows.of('k').others, 7);
  });

  it('knows who runs: who wrote lately, until it says so or falls silent', () => {
    const { usage } = peers();
    usage.take('old', { atMs: wall - 60_000, isLive: true }, 0, wall);
    usage.take('new', { atMs: wall, isLive: true }, 0, wall);
    assert.equal(usage.live(), 1);
    // a clock that is wrong is no reason to count a gateway out that is heard again
    usage.take('old', { atMs: wall - 59_000, isLive: true }, 10, wall);
    assert.equal(usage.live(), 2);
    usage.take('new', { atMs: wall, isLive: false }, 10, wall);
    assert.equal(usage.live(), 1);
    usage.expire(11 + peerLiveMs);
    assert.equal(usage.live(), 0);
  });

  it('adds up the demand of those that run', () => {
    const { usage } = peers();
    for (const id of ['a', 'b', 'c']) {
      usage.take(id, { atMs: wall, isLive: id !== 'c' }, 0, wall);
      usage.take(`${id}.0`, { atMs: wall, day, demand: { k: 2 } }, 0, wall);
    }
    assert.deepEqual([...usage.demand()], [['k', 4]]);
  });

  it('names what nobody needs any more', () => {
    const { usage } = peers();
    usage.take('live', { atMs: wall, isLive: true }, 0, wall);
    usage.take('live.0', { atMs: wall, day: day - 1 }, 0, wall);
    usage.take('dead', { atMs: wall - 7_200_000, isLive: true }, 0, wall);
    usage.take('dead.0', { atMs: wall, day }, 0, wall);
    usage.take('dead.1', { atMs: wall, day: day - 1 }, 0, wall);
    assert.deepEqual(usage.outdated(wall), ['dead.1', 'dead']);
  });
});

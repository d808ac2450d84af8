import assert from 'node:assert/strict';
import { describe, it } from 'vitest';
import { BodyShares } from './body-shares.js';
import { ComingBodies } from './coming-bodies.js';

function arranged() {
  const shares = new BodyShares({ maxRequests: 10, maxBytes: 1_000 });
  const bodies = new ComingBodies(shares);
  const message = { complete: false, destroyed: false, socket: { bytesRead: 100 } };
  const seen = { places: 1, cutOff: 0 };
  const places = { setAside: () => seen.places--, takeBack: () => seen.places++ };
  const way = { message, cutOff: () => seen.cutOff++, patience: { silentMs: 1_000, totalMs: 60_000 } };
  const body = bodies.begin('key', 10, places, way);
  assert.ok(body);
  return { bodies, body, message, seen, shares };
}

describe('a body on its way', () => {
  it('that comes with its headers keeps its place and ends at the first look', () => {
    const { bodies, message, seen, shares } = arranged();
    message.complete = true;
    bodies.look(0);
    assert.deepEqual([seen.places, shares.requests], [1, 0]);
  });

  it('gives its place to others while it comes, and has it again when it is there', () => {
    const { bodies, message, seen } = arranged();
    bodies.look(0);
    assert.equal(seen.places, 0);
    message.complete = true;
    bodies.look(50);
    assert.equal(seen.places, 1);
  });

  it('is cut off once nothing comes any more, and only once', () => {
    const { bodies, message, seen, shares } = arranged();
    bodies.look(0);
    message.socket.bytesRead += 50_000;
    bodies.look(900);
    bodies.look(1_800);
    assert.equal(seen.cutOff, 0);
    bodies.look(1_901);
    bodies.look(2_000);
    assert.deepEqual([seen.cutOff, shares.requests], [1, 0]);
  });

  it('is cut off when it drips', () => {
    const { bodies, message, seen } = arranged();
    for (let now = 0; now <= 1_100; now += 100) {
      message.socket.bytesRead++;
      bodies.look(now);
    }
    assert.equal(seen.cutOff, 1);
  });

  it('that was answered before it came is cut off when its rest does not end', () => {
    const { bodies, body, message, seen } = arranged();
    const other = { ...message };
    bodies.end(body);
    for (const answered of [message, other]) bodies.answered(answered, 500, () => seen.cutOff++);
    bodies.look(0);
    other.complete = true;
    bodies.look(400);
    assert.equal(seen.cutOff, 0);
    bodies.look(501);
    bodies.look(2_000);
    assert.equal(seen.cutOff, 1);
  });

  it('may be ended twice, as by its answer and by its connection', () => {
    const { bodies, body, seen, shares } = arranged();
    bodies.look(0);
    bodies.end(body);
    bodies.end(body);
    assert.deepEqual([seen.places, shares.requests], [1, 0]);
  });
});

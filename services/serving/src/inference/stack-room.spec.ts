import assert from 'node:assert/strict';
import { describe, it } from 'vitest';
import { giveBack, takeRoom } from './stack-room.js';

describe('storage that is used again', () => {
  it('is there for what is neither small nor huge, with little more than was asked for', () => {
    assert.equal(takeRoom(1_000), undefined);
    assert.equal(takeRoom(5_000_000), undefined);
    for (const bytes of [16_384, 20_000, 262_200, 1_048_577, 4_194_304]) {
      const room = takeRoom(bytes);
      assert.ok(room && room.byteLength >= bytes && room.byteLength <= bytes * 1.3, String(bytes));
    }
  });

  it('is given out again once it was given back, to one taker at a time', () => {
    const room = takeRoom(100_000) as ArrayBuffer;
    giveBack(room);
    assert.equal(takeRoom(100_000), room);
    assert.notEqual(takeRoom(100_000), room);
  });

  it('is not given out twice when it is given back twice', () => {
    const room = takeRoom(50_000) as ArrayBuffer;
    giveBack(room);
    giveBack(room);
    giveBack(new ArrayBuffer(50_000));
    assert.equal(takeRoom(50_000), room);
    assert.notEqual(takeRoom(50_000), room);
  });

  it('is kept up to a bound', () => {
    const rooms = Array.from({ length: 8 }, () => takeRoom(4_000_000) as ArrayBuffer);
    for (const room of rooms) giveBack(room);
    const again = new Set(Array.from({ length: 8 }, () => takeRoom(4_000_000)));
    assert.equal(rooms.filter((room) => again.has(room)).length, 4);
  });
});

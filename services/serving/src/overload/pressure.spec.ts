import assert from 'node:assert/strict';
import { describe, it } from 'vitest';
import { Pressure } from './pressure.js';

function after(seconds: number, perSecond: number, tookMs: number, pressure = new Pressure(500, 64)): Pressure {
  for (let index = 0; index < seconds * perSecond; index++) pressure.served(tookMs, (index / perSecond) * 1000);
  return pressure;
}

describe('the pressure on a gateway', () => {
  it('turns nobody away while answers are fast, however many come at once', () => {
    assert.equal(after(5, 100, 20).hasRoom(4_000), true);
    assert.equal(new Pressure(500, 64).hasRoom(4_000), true);
  });

  it('takes in what can be answered within the target when answers are slow', () => {
    const pressure = after(10, 1_000, 900);
    assert.equal(pressure.hasRoom(450), true);
    assert.equal(pressure.hasRoom(550), false);
  });

  it('counts the time that requests waited before anybody looked at them', () => {
    const pressure = after(10, 1_000, 100);
    for (let index = 0; index < 20; index++) pressure.noteLag(600, 10_000 + index * 100);
    assert.equal(pressure.hasRoom(600), false);
  });

  it('always takes in a few: a slow model answers few in any time', () => {
    const pressure = after(20, 2, 3_000);
    assert.equal(pressure.hasRoom(63), true);
    assert.equal(pressure.hasRoom(64), false);
  });

  it('is over once answers are fast again', () => {
    const pressure = after(5, 100, 2_000);
    assert.equal(pressure.hasRoom(200), false);
    assert.equal(after(5, 100, 10, pressure).hasRoom(200), true);
  });
});

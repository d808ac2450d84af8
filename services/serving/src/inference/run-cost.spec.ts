import assert from 'node:assert/strict';
import { describe, it } from 'vitest';
import { RunCost } from './run-cost.js';

const near = (value: number, expected: number) => assert.ok(Math.abs(value - expected) < expected * 0.1, `${value}, not ${expected}`);

describe('the cost of a run', () => {
  it('tells the part of each run from the part of each row', () => {
    const cost = new RunCost();
    for (let index = 0; index < 200; index++) {
      const rows = 1 + (index % 32);
      cost.observe(rows, 2 + 0.5 * rows);
    }
    near(cost.estimateMs(320, 32), 10 * 2 + 320 * 0.5);
    assert.ok(cost.estimateMs(1, 32) < 4);
  });

  it('does not take the noise of short runs for the cost of a row', () => {
    const cost = new RunCost();
    for (let index = 0; index < 100; index++) cost.observe(1 + (index % 2), index % 2 === 0 ? 8 : 14);
    assert.ok(cost.estimateMs(64, 32) < 60, `${cost.estimateMs(64, 32)}`);
  });

  it('counts runs where rows are never put together', () => {
    const cost = new RunCost();
    for (let index = 0; index < 50; index++) cost.observe(1, 10);
    near(cost.estimateMs(30, 1), 300);
  });

  it('follows a model that becomes slower', () => {
    const cost = new RunCost();
    for (let index = 0; index < 100; index++) cost.observe(1, 1);
    for (let index = 0; index < 100; index++) cost.observe(1, 20);
    near(cost.estimateMs(10, 1), 200);
  });

  it('turns nobody away before it knows anything', () => {
    assert.equal(new RunCost().estimateMs(1_000_000, 1), 0);
  });
});

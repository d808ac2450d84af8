import assert from 'node:assert/strict';
import { describe, it } from 'vitest';
import { isWornOut, placeModel } from './placement.js';

const of = (models: number, isClosed = false) => ({ models, isClosed });

describe('where a model runs', () => {
  it('is a process of its own while there may be more of them', () => {
    assert.equal(placeModel([of(1), of(1)], 3), undefined);
  });

  it('is the process with the fewest models after that', () => {
    assert.equal(placeModel([of(3), of(1), of(2)], 3), 1);
  });

  it('is not one that is being emptied or was held up', () => {
    assert.equal(placeModel([of(3), of(1, true)], 2), 0);
    assert.equal(placeModel([of(1, true)], 1), undefined);
  });
});

describe('a process', () => {
  it('is worn out after many unloads', () => {
    assert.equal(isWornOut({ unloads: 15, bytes: 1, bytesAtFirst: 1 }, 100), false);
    assert.equal(isWornOut({ unloads: 16, bytes: 1, bytesAtFirst: 1 }, 100), true);
  });

  it('is worn out when it has grown near its limit, but not when its models are as large as that', () => {
    assert.equal(isWornOut({ unloads: 0, bytes: 90, bytesAtFirst: 30 }, 100), true);
    assert.equal(isWornOut({ unloads: 0, bytes: 90, bytesAtFirst: 70 }, 100), false);
    assert.equal(isWornOut({ unloads: 0, bytes: 90, bytesAtFirst: 0 }, 100), false);
  });
});

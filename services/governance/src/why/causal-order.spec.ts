import assert from 'node:assert/strict';
import { describe, it } from 'vitest';
import { inCausalOrder } from './causal-order.js';

const event = (eventId: string, causationId: string | null, second: number, index = 0) => ({
  eventId,
  causationId,
  time: new Date(second * 1000),
  index,
});
const order = (events: ReturnType<typeof event>[]) => inCausalOrder(events).map(({ eventId }) => eventId);

describe('the order of a chain', () => {
  it('is that of time, not of arrival in the log', () => {
    assert.deepEqual(order([event('b', null, 2, 1), event('a', null, 1, 2)]), ['a', 'b']);
  });

  it('puts a cause before its effect when their clocks tie or disagree', () => {
    assert.deepEqual(order([event('effect', 'cause', 1, 1), event('cause', 'root', 1, 2), event('root', null, 1.5, 3)]), [
      'root',
      'cause',
      'effect',
    ]);
  });

  it('ends although causes run in a circle', () => {
    assert.deepEqual(order([event('a', 'b', 1), event('b', 'a', 2)]).sort(), ['a', 'b']);
  });
});

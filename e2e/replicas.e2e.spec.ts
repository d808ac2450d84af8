import { eventually } from '@bascule/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { countRows, duplicatesOf } from './invariants.js';
import { type Loop, openLoop } from './open-loop.js';
import { type Broker, deadLetterCount, isDrained, openBroker } from './streams.js';

let loop: Loop;
let broker: Broker;

beforeAll(async () => {
  loop = await openLoop({ replicas: { ingestion: 2, training: 2, registry: 2, serving: 2, monitoring: 2, governance: 2 } });
  broker = await openBroker(loop);
});
afterAll(async () => {
  await broker?.close();
  await loop?.close();
});

it('plays the example on two replicas of every service without doing anything twice', async () => {
  const steps = await loop.play().finished;
  expect(steps.filter(({ ok }) => !ok)).toEqual([]);
  expect(steps).toHaveLength(9);
  await eventually(() => isDrained(broker), { timeoutMs: 60_000, intervalMs: 250 });
  expect(await duplicatesOf(loop)).toEqual([]);
  expect(await deadLetterCount(broker)).toBe(0);
  // a gateway sends what it has captured a moment after it has answered
  await eventually(async () =>
    expect(await countRows(loop)).toMatchObject({ versions: 3, rollouts: 3, predictions: loop.journal().length }),
  );
});

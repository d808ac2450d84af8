import { eventually } from '@bascule/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { countRows, duplicatesOf } from './invariants.js';
import { type Loop, openLoop, type Playing } from './open-loop.js';
import { type Broker, deadLetterCount, isDrained, openBroker } from './streams.js';

const victims = ['ingestion-1', 'training-1', 'registry-1', 'governance-1', 'serving-1', 'monitoring-1', 'nats', 'postgres'];
const breathMs = 2_500;

let loop: Loop;
let broker: Broker;

beforeAll(async () => {
  loop = await openLoop();
  broker = await openBroker(loop);
});
afterAll(async () => {
  await broker?.close();
  await loop?.close();
});

/** Kills one process after another, round after round, until the example ends. */
async function killInTurn(playing: Playing): Promise<string[]> {
  let ended = false;
  void playing.finished.then(() => (ended = true));
  const killed: string[] = [];
  while (!ended) {
    for (const victim of victims) {
      if (ended) break;
      await loop.stack.kill(victim);
      killed.push(victim);
      await loop.stack.ready().catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, breathMs)); // the example must get on between two kills
    }
  }
  return killed;
}

it('finishes the example with every process killed in turn, nothing lost and nothing done twice', async () => {
  const playing = loop.play();
  const killed = await killInTurn(playing);
  const steps = await playing.finished;
  expect(steps.filter(({ ok }) => !ok)).toEqual([]);
  expect(steps).toHaveLength(9);
  expect(new Set(killed)).toEqual(new Set(victims));

  await loop.stack.ready();
  await eventually(() => isDrained(broker), { timeoutMs: 120_000, intervalMs: 500 });
  const answered = loop.journal().map(({ predictionId }) => predictionId);
  // a gateway sends what it has captured a moment after it has answered
  await eventually(async () => {
    const rows = await loop.query<{ id: string }>('select prediction_id::text as id from monitoring.predictions');
    const stored = new Set(rows.map(({ id }) => id));
    expect(answered.filter((id) => !stored.has(id))).toEqual([]);
  });
  expect(await duplicatesOf(loop)).toEqual([]);
  expect(await deadLetterCount(broker)).toBe(0);
  expect((await countRows(loop)).versions).toBe(3);
});

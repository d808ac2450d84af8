import pg from 'pg';
import { afterAll, expect, it } from 'vitest';
import { eventually, testNats, testPostgres } from '../src/index.js';

const stops: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const stop of stops) await stop();
});

async function answer(url: string): Promise<number> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query('SELECT 1 AS one')).rows[0].one;
  } finally {
    await client.end();
  }
}

it('gives each caller an empty database of its own', async () => {
  const [a, b] = await Promise.all([testPostgres(), testPostgres()]);
  stops.push(a.stop, b.stop);
  expect(a.url).not.toBe(b.url);
  expect(await answer(a.url)).toBe(1);
  await expect(a.kill()).rejects.toThrow('own: true');
});

it('restarts a killed PostgreSQL on the same URL', async () => {
  const postgres = await testPostgres({ own: true });
  stops.push(postgres.stop);
  await postgres.kill();
  await expect(answer(postgres.url)).rejects.toThrow();
  await postgres.restart();
  expect(await eventually(() => answer(postgres.url))).toBe(1);
});

it('restarts a killed nats-server on the same URL', async () => {
  const nats = await testNats();
  stops.push(nats.stop);
  const { url } = nats;
  await nats.kill();
  await nats.restart();
  expect(nats.url).toBe(url);
});

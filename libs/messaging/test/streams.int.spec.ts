import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { accessChanged } from '@bascule/contracts';
import { eventually, testNats } from '@bascule/testing';
import { Injectable } from '@nestjs/common';
import { afterEach, describe, expect, it } from 'vitest';
import { Consume, ensureStreams, NATS, NatsConnectionHolder, streamDefinitions, streamLimits } from '../src/index.js';

import { startReader } from './start-reader.js';

@Injectable()
class Reactions {
  @Consume(accessChanged)
  async react(): Promise<void> {}
}

const ends: (() => Promise<void> | void)[] = [];

async function connect(configuration?: string): Promise<NatsConnectionHolder> {
  let options = {};
  if (configuration) {
    const folder = mkdtempSync(join(tmpdir(), 'nats-conf-'));
    ends.push(() => rmSync(folder, { recursive: true }));
    const configFile = join(folder, 'nats.conf');
    writeFileSync(configFile, configuration);
    options = { configFile };
  }
  const nats = await testNats(options);
  ends.push(() => nats.stop());
  const connection = await NatsConnectionHolder.open(nats.url, 'test');
  ends.push(() => connection.close());
  return connection;
}

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

describe('the streams', () => {
  const names = streamDefinitions(streamLimits()).map(({ name }) => name);

  it('are made once when every service starts at the same moment', async () => {
    const { jsm } = await connect();
    await Promise.all(Array.from({ length: 6 }, () => ensureStreams(jsm)));
    const found: string[] = [];
    for await (const { config } of jsm.streams.list()) found.push(config.name);
    expect(found.sort()).toEqual([...names].sort());
  });

  it('refuse new messages when full and know a repeated message for five minutes', async () => {
    const { jsm } = await connect();
    await ensureStreams(jsm);
    for (const name of names) {
      const { config } = await jsm.streams.info(name);
      expect(config).toMatchObject({ discard: 'new', storage: 'file', duplicate_window: 300e9 });
    }
  });

  it('keep the subjects of a newer release when an older one starts', async () => {
    const { jsm } = await connect();
    await ensureStreams(jsm);
    const { config } = await jsm.streams.info('TRAINING');
    await jsm.streams.update('TRAINING', { ...config, subjects: [...config.subjects, 'training.run.paused.v1'] });
    await ensureStreams(jsm);
    expect((await jsm.streams.info('TRAINING')).config.subjects).toContain('training.run.paused.v1');
  });

  it('have the limits that the settings of their service ask for, also when they have to be made again', async () => {
    const { nc, jsm } = await connect();
    const app = await startReader(`nats://${nc.getServer()}`, 'registry', [Reactions], { BASCULE_STREAM_MAX_BYTES: '2000000' });
    ends.push(() => app.close());
    const size = async () => (await jsm.streams.info('GOVERNANCE')).config.max_bytes;
    expect(await size()).toBe(2_000_000);
    await eventually(() => jsm.consumers.info('GOVERNANCE', 'registry-access-changed-v1'));
    await jsm.streams.delete('GOVERNANCE');
    await app.get<NatsConnectionHolder>(NATS).nc.reconnect();
    await eventually(async () => expect(await size()).toBe(2_000_000));
  });

  it('follow changed settings', async () => {
    const { jsm } = await connect();
    await ensureStreams(jsm, { limits: { serviceMaxBytes: 8_000_000 } });
    await ensureStreams(jsm, { limits: { serviceMaxBytes: 9_000_000, maxAgeMs: 60_000 } });
    expect((await jsm.streams.info('SERVING')).config).toMatchObject({ max_bytes: 9_000_000, max_age: 60e9, duplicate_window: 60e9 });
  });

  it('become smaller, all of them, on a small disk', async () => {
    const { jsm } = await connect('jetstream { max_file_store: 400MB }');
    const scales: number[] = [];
    await ensureStreams(jsm, { onReduced: (scale) => scales.push(scale) });
    expect(scales).toEqual([1 / 8]);
    for (const name of names) expect((await jsm.streams.info(name)).config.max_bytes).toBeGreaterThan(4_000_000);
    const sizes = async () => Promise.all(names.map(async (name) => (await jsm.streams.info(name)).config.max_bytes));
    const before = await sizes();
    await ensureStreams(jsm, { onReduced: (scale) => scales.push(scale) });
    expect(scales).toHaveLength(1);
    expect(await sizes()).toEqual(before);
  });
});

import { eventually, testNats } from '@bascule/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { KvWatch, KvWriter, NatsConnectionHolder } from '../src/index.js';

const bucket = 'bascule_test';
const shape = z.object({ weight: z.number() });

describe('a watched bucket', () => {
  let nats: Awaited<ReturnType<typeof testNats>>;
  let writer: NatsConnectionHolder;
  let reader: NatsConnectionHolder;
  let watch: KvWatch<z.infer<typeof shape>>;

  beforeEach(async () => {
    nats = await testNats();
    writer = await NatsConnectionHolder.open(nats.url, 'writer');
    reader = await NatsConnectionHolder.open(nats.url, 'reader');
    watch = new KvWatch(reader, bucket, shape, { silentMs: 500 });
  });
  afterEach(async () => {
    watch.stop();
    await Promise.all([writer.close(), reader.close()]);
    await nats.stop();
  });

  it('has what was there before and follows changes and deletions', async () => {
    const kv = new KvWriter(writer);
    await kv.put(bucket, 'a', { weight: 1 });
    await watch.start();
    expect(watch.get('a')).toEqual({ weight: 1 });
    const changes: unknown[] = [];
    watch.onChange((key, value) => changes.push([key, value]));
    await kv.put(bucket, 'a', { weight: 2 });
    // the bucket keeps the last word only: a value that is deleted at once may never be told
    await eventually(() => changes.length === 1);
    await kv.delete(bucket, 'a');
    await eventually(() => changes.length === 2);
    expect(changes).toEqual([
      ['a', { weight: 2 }],
      ['a', undefined],
    ]);
    expect(watch.entries()).toEqual([]);
  });

  it('keeps the last value it could read when a bad one is written', async () => {
    const kv = new KvWriter(writer);
    await watch.start();
    await kv.put(bucket, 'a', { weight: 1 });
    await kv.put(bucket, 'a', { weight: 'heavy' });
    await kv.put(bucket, 'b', { weight: 3 });
    await eventually(() => watch.get('b') !== undefined);
    expect(watch.get('a')).toEqual({ weight: 1 });
  });

  it('keeps its values while NATS is away, knows their age, and catches up', async () => {
    await new KvWriter(writer).put(bucket, 'a', { weight: 1 });
    await watch.start();
    await nats.kill();
    await eventually(() => watch.ageMs() > 1500);
    expect(watch.get('a')).toEqual({ weight: 1 });
    await nats.restart();
    await eventually(() => new KvWriter(writer).put(bucket, 'a', { weight: 2 }), { timeoutMs: 20_000 });
    await eventually(() => watch.get('a')?.weight === 2, { timeoutMs: 20_000 });
    await eventually(() => watch.ageMs() < 1000);
  });

  it('notices what it missed when the server forgot its subscription', async () => {
    await watch.start();
    const stream = `KV_${bucket}`;
    for await (const { name } of writer.jsm.consumers.list(stream)) await writer.jsm.consumers.delete(stream, name);
    await new KvWriter(writer).put(bucket, 'a', { weight: 5 });
    await eventually(() => watch.get('a')?.weight === 5, { timeoutMs: 5000 });
  });

  it('stays fresh in silence', async () => {
    await watch.start();
    const startedAt = Date.now();
    await eventually(() => Date.now() - startedAt > 3000);
    expect(watch.ageMs()).toBeLessThan(2000);
  });
});

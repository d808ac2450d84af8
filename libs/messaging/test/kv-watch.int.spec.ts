import { eventually, testNats } from '@bascule/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { KvWatch, KvWriter, listKeys, NatsConnectionHolder } from '../src/index.js';

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
    // a bucket keeps only the last value of a key: one that is replaced at once may never be seen
    await eventually(() => watch.get('a')?.weight === 1);
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

  it('reads on when one listing never ends, and what that one held is not taken any more', async () => {
    await new KvWriter(writer).put(bucket, 'a', { weight: 1 });
    let hanging = 0;
    let release: () => void = () => {};
    const released = new Promise<void>((resolve) => (release = resolve));
    // the first two listings say nothing until the end of the test
    const create: typeof reader.kvm.create = async (...args) => {
      const kv = await reader.kvm.create(...args);
      if (hanging++ >= 2) return kv;
      const history = kv.history.bind(kv);
      kv.history = async (options) => {
        const listing = await history(options);
        await released;
        return listing;
      };
      return kv;
    };
    const slowReader = new Proxy(reader, { get: (target, name) => (name === 'kvm' ? { create } : Reflect.get(target, name, target)) });
    const followed = new KvWatch(slowReader, bucket, shape, { silentMs: 500, stallMs: 300 });
    hanging = 2;
    await followed.start();
    const stream = `KV_${bucket}`;
    for await (const { name } of writer.jsm.consumers.list(stream)) await writer.jsm.consumers.delete(stream, name);
    hanging = 0;
    await new KvWriter(writer).put(bucket, 'a', { weight: 2 });
    await eventually(() => followed.get('a')?.weight === 2, { timeoutMs: 5000 });
    expect(hanging).toBeGreaterThan(2);
    await new KvWriter(writer).put(bucket, 'a', { weight: 3 });
    await eventually(() => followed.get('a')?.weight === 3, { timeoutMs: 5000 });
    const changes: unknown[] = [];
    followed.onChange((_key, value) => changes.push(value));
    release();
    await new KvWriter(writer).put(bucket, 'b', { weight: 4 });
    await eventually(() => followed.get('b')?.weight === 4);
    expect(changes).toEqual([{ weight: 4 }]);
    followed.stop();
  });

  it('has everything at its start, however fast others write', async () => {
    const kv = new KvWriter(writer);
    const keys = ['a', 'b', 'c'];
    await Promise.all(keys.map((key) => kv.put(bucket, key, { weight: 0 })));
    let isOver = false;
    const writers = keys.map(async (key) => {
      for (let weight = 0; !isOver; weight++) await kv.put(bucket, key, { weight });
    });
    for (let time = 0; time < 10; time++) {
      const started = new KvWatch(reader, bucket, shape);
      await started.start();
      expect(started.entries().map(([key]) => key).sort()).toEqual(keys); // biome-ignore format: one thing
      started.stop();
    }
    expect((await listKeys(reader, bucket)).sort()).toEqual(keys);
    isOver = true;
    await Promise.all(writers);
  });

  it('has ten thousand values at once', async () => {
    const kv = new KvWriter(writer);
    const names = Array.from({ length: 10_000 }, (_, index) => `key-${index}`);
    await Promise.all(names.map((name, index) => kv.put(bucket, name, { weight: index })));
    await watch.start();
    expect(watch.entries()).toHaveLength(10_000);
    expect(watch.get('key-9999')).toEqual({ weight: 9999 });
  });

  it('stays fresh in silence', async () => {
    await watch.start();
    const startedAt = Date.now();
    await eventually(() => Date.now() - startedAt > 3000);
    await eventually(() => watch.ageMs() < 2000);
  });
});

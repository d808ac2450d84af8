import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LocalStore, sha256Hex } from '../src/index.js';

describe('LocalStore', () => {
  let root: string;
  let store: LocalStore;

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'objects-'));
    store = new LocalStore(root);
    await store.open();
  });
  afterEach(() => rm(root, { recursive: true }));

  const names = async () => {
    const found: string[] = [];
    for await (const digest of store.list()) found.push(digest);
    return found.sort();
  };

  it('names an object by the SHA-256 of its bytes and gives the bytes back', async () => {
    const bytes = randomBytes(3_000_000);
    const stored = await store.put(bytes);
    expect(stored).toEqual({ digest: sha256Hex(bytes), sizeBytes: bytes.length });
    expect(await store.get(stored.digest)).toEqual(bytes);
    expect(await buffer(await store.stream(stored.digest))).toEqual(bytes);
  });

  it('stores a stream like the bytes it carries', async () => {
    const chunks = [randomBytes(70_000), randomBytes(1), randomBytes(200_000)];
    const stored = await store.put(Readable.from(chunks));
    expect(stored.digest).toBe(sha256Hex(Buffer.concat(chunks)));
    expect(await store.get(stored.digest)).toEqual(Buffer.concat(chunks));
  });

  it('stores an empty object', async () => {
    const { digest, sizeBytes } = await store.put(new Uint8Array());
    expect(sizeBytes).toBe(0);
    expect((await store.get(digest)).length).toBe(0);
  });

  it('keeps the same bytes once, also when several writers race', async () => {
    const bytes = randomBytes(500_000);
    const other = new LocalStore(root);
    await Promise.all(Array.from({ length: 16 }, (_, i) => (i % 2 ? store : other).put(i % 3 ? bytes : Readable.from([bytes]))));
    expect(await names()).toEqual([sha256Hex(bytes)]);
    expect(await readdir(join(root, 'tmp'))).toEqual([]);
  });

  it('marks what is stored: the same until somebody writes to it, whatever time the file claims', async () => {
    const { digest } = await store.put(Buffer.from('the truth'));
    const mark = await store.mark(digest);
    expect([await store.mark(digest), await store.mark(sha256Hex(Buffer.from('nothing')))]).toEqual([mark, undefined]);
    const { atime, mtime } = await stat(store.path(digest));
    await writeFile(store.path(digest), 'the trut!');
    await utimes(store.path(digest), atime, mtime);
    expect(await store.mark(digest)).not.toBe(mark);
  });

  it('tells the name of content before it is there, and stores nothing where that cannot be told', async () => {
    const told: [string, boolean, boolean][] = [];
    const announce = async (digest: string, isThere: boolean) => void told.push([digest, isThere, await store.has(digest)]);
    const { digest } = await store.put(Readable.from([Buffer.from('announced')]), announce);
    await store.put(Buffer.from('announced'), announce);
    expect(told).toEqual([
      [digest, false, false],
      [digest, true, true],
    ]);
    for (const content of [Buffer.from('unannounced'), Readable.from([Buffer.from('unannounced')])])
      await expect(store.put(content, () => Promise.reject(new Error('nobody listens')))).rejects.toThrow('nobody listens');
    expect(await store.has(sha256Hex(Buffer.from('unannounced')))).toBe(false);
    expect(await readdir(join(root, 'tmp'))).toEqual([]);
  });

  it('knows when content was stored last', async () => {
    const { digest } = await store.put(Buffer.from('again'));
    const past = new Date(Date.now() - 3_600_000);
    await utimes(store.path(digest), past, past);
    expect(await store.storedAt(digest)).toEqual(past);
    await store.put(Buffer.from('again'));
    expect((await store.storedAt(digest))!.getTime()).toBeGreaterThan(past.getTime() + 3_500_000);
    expect(await store.storedAt(sha256Hex(Buffer.from('never')))).toBeUndefined();
  });

  it('refuses damaged bytes, in one piece and as a stream, and mends them when they are sent again', async () => {
    const bytes = Buffer.from('the truth');
    const { digest } = await store.put(bytes);
    await writeFile(store.path(digest), 'the tru');
    await expect(store.get(digest)).rejects.toMatchObject({ code: 'storage.object_corrupt' });
    await expect(buffer(await store.stream(digest))).rejects.toMatchObject({ code: 'storage.object_corrupt' });
    await store.put(bytes);
    expect(await store.get(digest)).toEqual(bytes);
  });

  it('says not_found for an object it does not have', async () => {
    const digest = sha256Hex('nothing');
    expect(await store.has(digest)).toBe(false);
    await expect(store.get(digest)).rejects.toMatchObject({ code: 'storage.object_not_found', kind: 'not_found' });
    await expect(store.stream(digest)).rejects.toMatchObject({ code: 'storage.object_not_found' });
    await store.delete(digest);
  });

  it('lets no name out of its folder', async () => {
    await expect(store.get('../../etc/passwd')).rejects.toMatchObject({ code: 'storage.digest_invalid' });
    await expect(store.has('A'.repeat(64))).rejects.toMatchObject({ code: 'storage.digest_invalid' });
  });

  it('leaves nothing behind when a stream breaks', async () => {
    const broken = Readable.from(
      (async function* () {
        yield Buffer.from('half');
        throw new Error('client went away');
      })(),
    );
    await expect(store.put(broken)).rejects.toThrow('client went away');
    expect(await readdir(join(root, 'tmp'))).toEqual([]);
    expect(await names()).toEqual([]);
  });

  it('removes temporary files of dead writers when it opens, and those only', async () => {
    const [dead, alive] = [join(root, 'tmp', 'dead'), join(root, 'tmp', 'alive')];
    await writeFile(dead, 'x');
    await writeFile(alive, 'x');
    const yesterday = new Date(Date.now() - 86_400_000);
    await utimes(dead, yesterday, yesterday);
    await new LocalStore(root).open();
    expect(await readdir(join(root, 'tmp'))).toEqual(['alive']);
  });

  it('lists and deletes', async () => {
    const a = await store.put(Buffer.from('a'));
    const b = await store.put(Buffer.from('b'));
    expect(await names()).toEqual([a.digest, b.digest].sort());
    await store.delete(a.digest);
    expect(await names()).toEqual([b.digest]);
  });
});

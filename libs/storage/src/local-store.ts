import { createHash, randomUUID } from 'node:crypto';
import type { Dirent } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, stat, unlink, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { isDigest, sha256Hex } from './digest.js';
import { digestInvalid, objectCorrupt, objectNotFound } from './errors.js';
import { type Announce, ObjectStore, type StoredObject } from './object-store.js';
import { VerifiedStream } from './verified-stream.js';

const temporaryFolder = 'tmp';
const orphanAgeMs = 60 * 60 * 1000;
/** Pieces of a stream are written together: each write waits for a thread. */
const writeBytes = 1024 * 1024;

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}

/** Objects as files below one folder, which several processes may share. */
export class LocalStore extends ObjectStore {
  constructor(private readonly root: string) {
    super();
  }

  /** Makes the folders and removes temporary files of writers that died. */
  async open(): Promise<void> {
    await mkdir(join(this.root, temporaryFolder), { recursive: true });
    await this.removeOrphans(orphanAgeMs);
  }

  /** Removes temporary files that nobody has written to for the given time. @returns how many */
  async removeOrphans(olderThanMs: number): Promise<number> {
    const folder = join(this.root, temporaryFolder);
    let removed = 0;
    for (const name of await readdir(folder)) {
      const file = join(folder, name);
      // another process may finish or remove the file meanwhile
      const { mtimeMs } = await stat(file).catch(() => ({ mtimeMs: Number.POSITIVE_INFINITY }));
      if (Date.now() - mtimeMs < olderThanMs) continue;
      await unlink(file).catch(() => undefined);
      removed++;
    }
    return removed;
  }

  override path(digest: string): string {
    if (!isDigest(digest)) throw digestInvalid({ digest });
    return join(this.root, digest.slice(0, 2), digest);
  }

  async put(content: Uint8Array | Readable, announce?: Announce): Promise<StoredObject> {
    if (content instanceof Uint8Array) {
      const stored = { digest: sha256Hex(content), sizeBytes: content.byteLength };
      if (await this.isThere(stored, announce)) return stored;
    }
    const temporary = join(this.root, temporaryFolder, randomUUID());
    try {
      const stored = await this.write(temporary, content instanceof Uint8Array ? [content] : content);
      if (await this.isThere(stored, content instanceof Uint8Array ? undefined : announce)) await unlink(temporary);
      else await this.publish(temporary, this.path(stored.digest));
      return stored;
    } catch (error) {
      await unlink(temporary).catch(() => undefined);
      throw error;
    }
  }

  async get(digest: string): Promise<Buffer> {
    const bytes = await readFile(this.path(digest)).catch((error: unknown) => {
      throw isMissing(error) ? objectNotFound({ digest }) : error;
    });
    const actual = sha256Hex(bytes);
    if (actual !== digest) throw objectCorrupt({ digest, actual });
    return bytes;
  }

  async stream(digest: string): Promise<Readable> {
    const file = await open(this.path(digest)).catch((error: unknown) => {
      throw isMissing(error) ? objectNotFound({ digest }) : error;
    });
    const source = file.createReadStream();
    const verified = new VerifiedStream(digest);
    source.on('error', (error) => verified.destroy(error));
    verified.on('close', () => source.destroy());
    return source.pipe(verified);
  }

  async has(digest: string): Promise<boolean> {
    return (await this.sizeOf(digest)) !== undefined;
  }

  async mark(digest: string): Promise<string | undefined> {
    try {
      // the time of a change, unlike that of the content, cannot be set back
      const { ino, size, mtimeNs, ctimeNs } = await stat(this.path(digest), { bigint: true });
      return [ino, size, mtimeNs, ctimeNs].join('-');
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  async storedAt(digest: string): Promise<Date | undefined> {
    try {
      return (await stat(this.path(digest))).mtime;
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  async delete(digest: string): Promise<void> {
    await unlink(this.path(digest)).catch((error: unknown) => {
      if (!isMissing(error)) throw error;
    });
  }

  async *list(): AsyncIterable<string> {
    for (const shard of await this.entries(this.root)) {
      if (!shard.isDirectory() || shard.name.length !== 2) continue;
      for (const entry of await this.entries(join(this.root, shard.name))) if (isDigest(entry.name)) yield entry.name;
    }
  }

  private async entries(folder: string): Promise<Dirent[]> {
    return readdir(folder, { withFileTypes: true });
  }

  /** Whether the same bytes are there, which are new again then. A file of another size can only be damage, to be replaced. */
  private async isThere({ digest, sizeBytes }: StoredObject, announce: Announce | undefined): Promise<boolean> {
    const isThere = (await this.sizeOf(digest)) === sizeBytes;
    await announce?.(digest, isThere);
    if (!isThere) return false;
    const now = new Date();
    // removed since it was seen: then it is not there; a file of another user keeps its time
    return utimes(this.path(digest), now, now).then(
      () => true,
      (error: unknown) => !isMissing(error),
    );
  }

  private async sizeOf(digest: string): Promise<number | undefined> {
    try {
      return (await stat(this.path(digest))).size;
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  private async write(file: string, chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array | string>): Promise<StoredObject> {
    const hash = createHash('sha256');
    let sizeBytes = 0;
    let waiting: Uint8Array[] = [];
    let waitingBytes = 0;
    const handle = await open(file, 'wx');
    const flush = async () => {
      // many streams may be written at once: one copy of each piece is enough
      const { bytesWritten } = await handle.writev(waiting);
      if (bytesWritten < waitingBytes) await handle.writeFile(Buffer.concat(waiting).subarray(bytesWritten));
      [waiting, waitingBytes] = [[], 0];
    };
    try {
      for await (const chunk of chunks) {
        const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
        hash.update(bytes);
        sizeBytes += bytes.byteLength;
        waiting.push(bytes);
        waitingBytes += bytes.byteLength;
        if (waitingBytes >= writeBytes) await flush();
      }
      if (waitingBytes > 0) await flush();
      await handle.sync();
    } finally {
      await handle.close();
    }
    return { digest: hash.digest('hex'), sizeBytes };
  }

  private async publish(temporary: string, target: string): Promise<void> {
    const folder = dirname(target);
    await mkdir(folder, { recursive: true });
    await rename(temporary, target);
    // without this the new name itself may be lost in a power cut
    const handle = await open(folder, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  }
}

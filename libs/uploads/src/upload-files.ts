import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';

/** The bytes of uploads that are not complete, one file each, in a folder that replicas share. */
export class UploadFiles {
  /** @param folder is made when it is first written to */
  constructor(private readonly folder: string) {}

  /** Number of bytes that have arrived. */
  async sizeOf(id: string): Promise<number> {
    return (await stat(this.path(id)).catch(() => undefined))?.size ?? 0;
  }

  /** Writes bytes from an offset on; what has arrived stays when the stream breaks off. @returns the new size */
  async write(id: string, offset: number, content: AsyncIterable<Buffer>): Promise<number> {
    await mkdir(this.folder, { recursive: true });
    const file = await open(this.path(id), offset === 0 ? 'w' : 'r+');
    let position = offset;
    try {
      // at their place, not at the end: two requests with the same bytes do no harm
      for await (const chunk of content) {
        for (let written = 0; written < chunk.length; ) {
          const { bytesWritten } = await file.write(chunk, written, chunk.length - written, position);
          written += bytesWritten;
          position += bytesWritten;
        }
      }
    } finally {
      await file.sync();
      await file.close();
    }
    return position;
  }

  read(id: string): Readable {
    return createReadStream(this.path(id), { highWaterMark: 1024 * 1024 });
  }

  async remove(id: string): Promise<void> {
    await unlink(this.path(id)).catch(() => undefined);
  }

  /** Ids that have a file. */
  async list(): Promise<string[]> {
    return readdir(this.folder).catch(() => []);
  }

  private path(id: string): string {
    return join(this.folder, id);
  }
}

import { type Readable, Transform, type TransformCallback } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { unpacksTooLarge } from './errors.js';
import type { TableLimits } from './limits.js';
import type { Compression } from './table.js';
import { ZstdFrames } from './zstd-frames.js';

const ratioFrom = 64 * 1024 * 1024;

/** Tells the compression from the first bytes. */
export function compressionOf(head: Uint8Array): Compression {
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip';
  return head[0] === 0x28 && head[1] === 0xb5 && head[2] === 0x2f && head[3] === 0xfd ? 'zstd' : 'none';
}

/** Counts the bytes that pass, and fails where they become too many for what was packed. */
class GrowthGuard extends Transform {
  private unpacked = 0;

  constructor(
    private readonly packed: { bytes: number },
    private readonly limits: TableLimits,
  ) {
    super();
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.unpacked += chunk.length;
    const { unpackedBytes, unpackRatio } = this.limits;
    const isBomb = this.unpacked > ratioFrom && this.unpacked > unpackRatio * this.packed.bytes;
    if (this.unpacked <= unpackedBytes && !isBomb) {
      done(null, chunk);
      return;
    }
    const detail = isBomb ? `one byte becomes more than ${unpackRatio}` : `it is more than ${unpackedBytes} bytes`;
    done(unpacksTooLarge({ unpackedBytes: this.unpacked, packedBytes: this.packed.bytes }, detail));
  }
}

/** The unpacked bytes of a stream. An error of any part destroys them all. */
export function unpacked(source: Readable, compression: Compression, limits: TableLimits): Readable {
  if (compression === 'none') return source;
  const packed = { bytes: 0 };
  const unpack = compression === 'gzip' ? createGunzip({ chunkSize: 256 * 1024 }) : new ZstdFrames();
  const guard = new GrowthGuard(packed, limits);
  const count = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      packed.bytes += chunk.length;
      done(null, chunk);
    },
  });
  const parts = [source, count, unpack, guard];
  for (const part of parts) part.once('error', (error) => guard.destroy(error));
  guard.once('close', () => {
    for (const part of parts) part.destroy();
  });
  return source.pipe(count).pipe(unpack).pipe(guard);
}

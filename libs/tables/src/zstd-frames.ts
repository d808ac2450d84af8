import { Transform, type TransformCallback } from 'node:stream';
import { createZstdDecompress, type ZstdDecompress } from 'node:zlib';

/**
 * Unpacks zstd of any number of frames, one behind the other, as parallel packers and concatenated files have them.
 * Node's own stream ends with a frame that ends within a piece, and drops what follows there.
 */
export class ZstdFrames extends Transform {
  private inner: ZstdDecompress;

  constructor() {
    super();
    this.inner = this.open();
    this.once('close', () => this.inner.destroy());
  }

  override _read(size: number): void {
    this.inner.resume();
    super._read(size);
  }

  override _transform(piece: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    const { inner } = this;
    const before = inner.bytesWritten;
    inner.write(piece, (error) => {
      const taken = inner.bytesWritten - before;
      if (error || taken >= piece.length) done(error);
      else this.afterEnd(() => this._transform(piece.subarray(taken), _encoding, done));
    });
  }

  override _flush(done: TransformCallback): void {
    this.inner.end();
    this.afterEnd(done);
  }

  /** Goes on when everything of the present frame has been handed over. */
  private afterEnd(next: () => void): void {
    const { inner } = this;
    const goOn = () => {
      this.inner = this.open();
      next();
    };
    if (inner.readableEnded) goOn();
    else inner.once('end', goOn).resume();
  }

  private open(): ZstdDecompress {
    const inner = createZstdDecompress({ chunkSize: 256 * 1024 });
    inner.on('data', (bytes: Buffer) => {
      if (!this.push(bytes)) inner.pause();
    });
    inner.on('error', (error) => this.destroy(error));
    return inner;
  }
}

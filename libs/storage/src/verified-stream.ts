import { createHash } from 'node:crypto';
import { Transform, type TransformCallback } from 'node:stream';
import { objectCorrupt } from './errors.js';

/** Passes bytes through and fails at the end when their SHA-256 is not the one expected. */
export class VerifiedStream extends Transform {
  private readonly hash = createHash('sha256');

  constructor(private readonly digest: string) {
    super();
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.hash.update(chunk);
    done(null, chunk);
  }

  override _flush(done: TransformCallback): void {
    const actual = this.hash.digest('hex');
    done(actual === this.digest ? null : objectCorrupt({ digest: this.digest, actual }));
  }
}

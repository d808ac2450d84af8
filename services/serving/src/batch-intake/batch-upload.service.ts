import { Readable, Transform, type TransformCallback } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { BasculeError, CONFIG, unsupportedMediaType } from '@bascule/platform';
import type { StoredObject } from '@bascule/storage';
import { Inject, Injectable } from '@nestjs/common';
import { batchInputBroken, batchInputTooLarge } from '../batch-jobs/errors.js';
import { BatchObjects } from '../batch-pieces/batch-objects.store.js';
import type { Config } from '../config.js';

/** Takes the bytes of an input into the object store as they come. */
@Injectable()
export class BatchUploads {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly objects: BatchObjects,
  ) {}

  /** Stores a body; `contentEncoding` is undone, a file that is packed itself stays so. */
  async store(body: Readable, contentEncoding: string | undefined): Promise<StoredObject> {
    const limit = new ByteLimit(this.config.BATCH_MAX_BYTES);
    const steps: (NodeJS.ReadWriteStream & Readable)[] = [];
    if (contentEncoding === 'gzip') steps.push(createGunzip());
    else if (contentEncoding !== undefined && contentEncoding !== 'identity') {
      throw unsupportedMediaType({}, 'Send the body as it is or with Content-Encoding gzip.');
    }
    steps.push(limit);
    let last: Readable = body;
    for (const step of steps) {
      const from = last;
      // not by `pipeline`, which would end the connection before the client has its answer
      from.on('error', (error) => step.destroy(error));
      // the store may not read yet when it fails; it finds the error then
      step.on('error', () => undefined);
      // a client that goes away closes its request without an error
      from.on('close', () => from.readableEnded || step.destroy(batchInputBroken()));
      last = from.pipe(step);
    }
    try {
      return await this.objects.put(last);
    } catch (error) {
      body.unpipe();
      throw refusalOf(error);
    }
  }
}

class ByteLimit extends Transform {
  private seen = 0;

  constructor(private readonly limitBytes: number) {
    super();
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.seen += chunk.length;
    if (this.seen > this.limitBytes) done(batchInputTooLarge({ limitBytes: this.limitBytes }));
    else done(null, chunk);
  }
}

function refusalOf(error: unknown): unknown {
  if (error instanceof BasculeError) return error;
  const { code = '' } = error as NodeJS.ErrnoException;
  return code.startsWith('Z_') || code === 'ECONNRESET' || code === 'ABORT_ERR' ? batchInputBroken({}, (error as Error).message) : error;
}

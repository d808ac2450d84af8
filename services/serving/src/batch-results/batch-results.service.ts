import type { Readable } from 'node:stream';
import { BasculeError } from '@bascule/platform';
import { objectNotFound } from '@bascule/storage';
import { Injectable, StreamableFile } from '@nestjs/common';
import type { BatchJob } from '../batch-jobs/batch-job.entity.js';
import { batchResultMissing } from '../batch-jobs/errors.js';
import { BatchObjects } from '../batch-pieces/batch-objects.store.js';

const contentTypes = { parquet: 'application/vnd.apache.parquet', csv: 'text/csv; charset=utf-8' } as const;

/** Gives the files of ended jobs, verified while they are read. */
@Injectable()
export class BatchResults {
  constructor(private readonly objects: BatchObjects) {}

  async result(job: BatchJob): Promise<StreamableFile> {
    const { output } = job.options;
    const stream = await this.stream(job, job.resultDigest);
    const disposition = `attachment; filename="${job.modelName}-${job.id}.${output}"`;
    return new StreamableFile(stream, { type: contentTypes[output], disposition, length: Number(job.resultSizeBytes) });
  }

  async errors(job: BatchJob): Promise<StreamableFile> {
    const stream = await this.stream(job, job.errorsDigest);
    return new StreamableFile(stream, { type: 'application/x-ndjson; charset=utf-8' });
  }

  private async stream({ status, expiredAt }: BatchJob, digest: string | null): Promise<Readable> {
    if (digest === null || expiredAt !== null) throw batchResultMissing({ status });
    try {
      return await this.objects.stream(digest);
    } catch (error) {
      // removed since the job was read
      const isGone = error instanceof BasculeError && error.code === objectNotFound.definition.code;
      throw isGone ? batchResultMissing({ status }) : error;
    }
  }
}

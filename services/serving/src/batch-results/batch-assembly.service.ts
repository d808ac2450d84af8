import { PassThrough } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { Transactions } from '@bascule/database';
import type { StoredObject } from '@bascule/storage';
import { TableWriter } from '@bascule/tables';
import { Injectable } from '@nestjs/common';
import { MoreThan } from 'typeorm';
import type { BatchJob } from '../batch-jobs/batch-job.entity.js';
import { BatchJobsService } from '../batch-jobs/batch-jobs.service.js';
import { BatchPieceEntity } from '../batch-jobs/batch-piece.entity.js';
import { BatchObjects } from '../batch-pieces/batch-objects.store.js';
import { batchPredictionId } from '../batch-pieces/prediction-id.js';
import { ResultColumns } from '../batch-pieces/result-columns.js';
import { type ResultRow, readResult } from '../batch-pieces/result-file.js';
import { BatchLeases } from '../batch-work/batch-leases.service.js';
import { BatchQueue } from '../batch-work/batch-queue.service.js';
import { mayBatch } from '../runtime/warm-up.js';

const piecesAtOnce = 100;
/** What a row counts for the writer: text goes out soon, groups of Parquet are worth their size. */
const rowLength = { csv: 4_000, parquet: 200 } as const;

/** Puts the results of all pieces together in the order of the rows, piece by piece; done again it makes the same bytes. */
@Injectable()
export class BatchAssembly {
  constructor(
    private readonly transactions: Transactions,
    private readonly objects: BatchObjects,
    private readonly jobs: BatchJobsService,
    private readonly leases: BatchLeases,
    private readonly queue: BatchQueue,
  ) {}

  async assemble(job: BatchJob, signal: AbortSignal): Promise<void> {
    const { signature, version } = job.version;
    const isBatched = mayBatch(signature.inputs, signature.outputs);
    const columns = new ResultColumns(signature, isBatched, (row) => batchPredictionId(job.id, version, row));
    const writer = new TableWriter({ format: job.options.output, columns: columns.columns });
    const errors = new PassThrough();
    const stored = Promise.all([this.objects.put(writer.content), this.objects.put(errors)]);
    // awaited at the end; until then a failure must not end the process
    stored.catch(() => undefined);
    try {
      for await (const rows of this.results(job)) {
        // between two blocks, whoever else this process serves
        await turn();
        signal.throwIfAborted();
        for (const row of rows) {
          await writer.add(columns.valuesOf(row), rowLength[job.options.output]);
          if (row.outputs === undefined && !errors.write(errorLine(row))) await drained(errors, stored);
        }
      }
      await writer.finish();
      errors.end();
      const [result, faults] = await stored;
      await this.end(job, result, faults);
    } catch (error) {
      writer.abandon();
      errors.on('error', () => undefined).destroy(new Error('the results were given up'));
      await stored.catch(() => undefined);
      if (!signal.aborted) throw error;
    }
  }

  private async *results({ id: jobId, pieceCount }: BatchJob): AsyncGenerator<ResultRow[]> {
    for (let after = -1; after < pieceCount - 1; ) {
      const pieces = await this.transactions.manager.find(BatchPieceEntity, {
        where: { jobId, piece: MoreThan(after) },
        order: { piece: 'ASC' },
        take: piecesAtOnce,
      });
      for (const { piece, resultDigest, rowCount } of pieces) {
        if (piece !== after + 1 || resultDigest === null) throw new Error(`piece ${after + 1} of batch job ${jobId} has no results`);
        let found = 0;
        for (const rows of readResult((await this.objects.get(resultDigest)).toString('utf8'))) {
          found += rows.length;
          yield rows;
        }
        if (found !== rowCount) throw new Error(`piece ${piece} of batch job ${jobId} has ${found} results for ${rowCount} rows`);
        after = piece;
      }
      if (pieces.length === 0) throw new Error(`piece ${after + 1} of batch job ${jobId} is missing`);
    }
  }

  private async end(job: BatchJob, result: StoredObject, faults: StoredObject): Promise<void> {
    await this.transactions.run(async (manager) => {
      const held = await this.leases.findHeld(manager, job);
      if (!held) return;
      // two jobs without a prediction can have the same bytes
      for (const { digest } of [result, faults]) await this.queue.lockObject(manager, digest);
      for (const { digest } of [result, faults])
        if (!(await this.objects.has(digest))) throw new Error('the results were removed meanwhile');
      Object.assign(held, { resultDigest: result.digest, resultSizeBytes: String(result.sizeBytes), errorsDigest: faults.digest });
      await this.jobs.end(held, 'succeeded', null);
    });
  }
}

function errorLine({ number, recordId, error }: ResultRow): string {
  return `${JSON.stringify({ row: number, ...(recordId === '' ? {} : { recordId }), error })}\n`;
}

async function drained(stream: PassThrough, stored: Promise<unknown>): Promise<void> {
  // a store that failed reads no more: its error ends the wait
  await Promise.race([new Promise((resolve) => stream.once('drain', resolve)), stored]);
}

import { PassThrough } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { Transactions } from '@bascule/database';
import type { StoredObject } from '@bascule/storage';
import { TableWriter } from '@bascule/tables';
import { Injectable } from '@nestjs/common';
import { MoreThan } from 'typeorm';
import { batchPredictionIds } from '../batch-files/prediction-id.js';
import { ResultColumns, type ResultRow } from '../batch-files/result-columns.js';
import { type PieceResult, unpackResult } from '../batch-files/result-file.js';
import type { BatchJob } from '../batch-jobs/batch-job.entity.js';
import { BatchJobsService } from '../batch-jobs/batch-jobs.service.js';
import { BatchPieceEntity } from '../batch-jobs/batch-piece.entity.js';
import { BatchObjects } from '../batch-pieces/batch-objects.store.js';
import { BatchLeases } from '../batch-work/batch-leases.service.js';
import { BatchQueue } from '../batch-work/batch-queue.service.js';
import { mayBatch } from '../runtime/warm-up.js';
import { AssemblyProgress } from './assembly-progress.service.js';

const piecesAtOnce = 100;
const rowsPerTurn = 500;
const longestReason = 500;
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
    private readonly progress: AssemblyProgress,
  ) {}

  async assemble(job: BatchJob, signal: AbortSignal): Promise<void> {
    this.progress.begin(job.id);
    try {
      await this.write(job, signal);
    } finally {
      this.progress.end(job.id);
    }
  }

  private async write(job: BatchJob, signal: AbortSignal): Promise<void> {
    const { signature, version } = job.version;
    const isBatched = mayBatch(signature.inputs, signature.outputs);
    const columns = new ResultColumns(signature, isBatched, batchPredictionIds(job.id, version));
    const writer = new TableWriter({ format: job.options.output, columns: columns.columns });
    const errors = new PassThrough();
    const stored = Promise.all([this.objects.put(writer.content), this.objects.put(errors)]);
    // awaited at the end; until then a failure must not end the process
    stored.catch(() => undefined);
    try {
      let added = 0;
      let firstError: string | undefined;
      for await (const result of this.results(job)) {
        for (const row of columns.rowsOf(result)) {
          const full = writer.add(row.values, rowLength[job.options.output]);
          if (full) await full;
          firstError ??= row.error;
          if (row.error !== undefined && !errors.write(errorLine(row))) await drained(errors, stored);
          // now and then, whoever else this process serves
          if (++added % rowsPerTurn > 0) continue;
          await turn();
          signal.throwIfAborted();
        }
        this.progress.note(job.id, result.rowCount);
      }
      await writer.finish();
      errors.end();
      const [result, faults] = await stored;
      await this.end(job, result, faults, firstError);
    } catch (error) {
      writer.abandon();
      errors.on('error', () => undefined).destroy(new Error('the results were given up'));
      await stored.catch(() => undefined);
      if (!signal.aborted) throw error;
    }
  }

  private async *results({ id: jobId, pieceCount }: BatchJob): AsyncGenerator<PieceResult> {
    for (let after = -1; after < pieceCount - 1; ) {
      const pieces = await this.transactions.manager.find(BatchPieceEntity, {
        where: { jobId, piece: MoreThan(after) },
        order: { piece: 'ASC' },
        take: piecesAtOnce,
      });
      for (const { piece, resultDigest, rowCount } of pieces) {
        if (piece !== after + 1 || resultDigest === null) throw new Error(`piece ${after + 1} of batch job ${jobId} has no results`);
        const result = unpackResult(await this.objects.get(resultDigest));
        if (result.rowCount !== rowCount)
          throw new Error(`piece ${piece} of batch job ${jobId} has ${result.rowCount} results for ${rowCount} rows`);
        yield result;
        after = piece;
      }
      if (pieces.length === 0) throw new Error(`piece ${after + 1} of batch job ${jobId} is missing`);
    }
  }

  private async end(job: BatchJob, result: StoredObject, faults: StoredObject, firstError: string | undefined): Promise<void> {
    await this.transactions.run(async (manager) => {
      const held = await this.leases.findHeld(manager, job);
      if (!held) return;
      // two jobs without a prediction can have the same bytes
      for (const { digest } of [result, faults]) await this.queue.lockObject(manager, digest);
      for (const { digest } of [result, faults])
        if (!(await this.objects.has(digest))) throw new Error('the results were removed meanwhile');
      Object.assign(held, { resultDigest: result.digest, resultSizeBytes: String(result.sizeBytes), errorsDigest: faults.digest });
      const reason = noAnswerReason(held, firstError);
      await this.jobs.end(held, reason === null ? 'succeeded' : 'failed', reason);
    });
  }
}

/** Why a job has failed all of whose rows did; null for one with an answer, or without a row. */
function noAnswerReason({ rowsDone, rowsFailed }: BatchJob, firstError: string | undefined): string | null {
  if (rowsFailed === 0 || rowsFailed < rowsDone) return null;
  return `none of ${rowsDone} rows was answered; the first: ${(firstError ?? '').slice(0, longestReason)}`;
}

function errorLine({ number, recordId, error }: ResultRow): string {
  return `${JSON.stringify({ row: number, ...(recordId === '' ? {} : { recordId }), error })}\n`;
}

async function drained(stream: PassThrough, stored: Promise<unknown>): Promise<void> {
  // a store that failed reads no more: its error ends the wait
  await Promise.race([new Promise((resolve) => stream.once('drain', resolve)), stored]);
}

import { setImmediate as turn, setTimeout as wait } from 'node:timers/promises';
import { BasculeError, Metrics } from '@bascule/platform';
import { Injectable } from '@nestjs/common';
import { batchPieceUnsafe } from '../batch-jobs/errors.js';
import { CaptureService } from '../capture/capture.service.js';
import { modelSuspended, queueFull, runtimeUnavailable } from '../errors.js';
import type { Tensor } from '../inference/tensor.js';
import type { LoadedVersion } from '../runtime/models.service.js';
import { tookProcessDown } from '../runtime/placed-model.js';
import type { BatchPiece } from './batch-piece.js';
import { PieceReader, type PieceRow } from './piece-file.js';
import { PieceRecords, type ReadRow } from './piece-records.js';
import { batchPredictionId } from './prediction-id.js';
import { type ResultRow, ResultWriter, rowValues } from './result-file.js';
import { SlicePace } from './slice-pace.js';

/** Rows of one piece that may take the process of their model down before the rest is left alone. */
const maxHarm = 8;
const busyPauseMs = 250;
const maxBusyPauses = 240;
const capturePauseMs = 500;
/** Beyond this share of the write-ahead files, rows that can wait do: the rest is for clients. */
const captureFill = 0.9;

interface Work {
  readonly piece: BatchPiece['data'];
  readonly loaded: LoadedVersion;
  readonly records: PieceRecords;
  /** Of the slice at hand. */
  results: ResultRow[];
  readonly pace: SlicePace;
  readonly signal: AbortSignal;
  harm: number;
}

/** Predicts the rows of a piece slice by slice, behind the clients, and captures them like every other prediction. */
@Injectable()
export class PredictPiece {
  private readonly answered;
  /** What was learnt about a model serves its next piece. */
  private readonly paces = new WeakMap<LoadedVersion, SlicePace>();

  constructor(
    private readonly capture: CaptureService,
    metrics: Metrics,
  ) {
    this.answered = metrics.counter('serving_batch_rows_total', 'Rows of batch jobs by model, version and outcome');
  }

  /** The results of all rows, in their order. */
  async predict(piece: BatchPiece['data'], loaded: LoadedVersion, text: string, signal: AbortSignal): Promise<ResultWriter> {
    const reader = new PieceReader(text);
    const written = new ResultWriter({ jobId: piece.jobId, piece: piece.piece });
    const records = new PieceRecords(loaded.routed.signature, reader.header.features);
    const pace = this.paces.get(loaded) ?? new SlicePace();
    this.paces.set(loaded, pace);
    const work: Work = { piece, loaded, records, results: [], pace, signal, harm: 0 };
    for (let rows = reader.next(pace.rows); rows.length > 0; rows = reader.next(pace.rows)) {
      signal.throwIfAborted();
      await this.slice(work, rows);
      written.add(work.results);
      work.results = [];
      // clients first: whatever came in meanwhile is read before the next slice
      await turn();
    }
    const { rowCount, failedCount } = written;
    const labels = { model: piece.modelName, version: String(piece.version.version) };
    this.answered.add(rowCount - failedCount, { ...labels, outcome: 'answered' });
    if (failedCount > 0) this.answered.add(failedCount, { ...labels, outcome: 'failed' });
    return written;
  }

  private async slice(work: Work, rows: readonly PieceRow[]): Promise<void> {
    const groups = new Map<string, ReadRow[]>();
    for (const row of rows) {
      const read = work.records.read(row);
      if (typeof read === 'string') work.results.push(failure(row, read));
      else {
        // without an axis of rows, each is asked alone
        const key = work.loaded.isBatched ? read.shapeKey : `${row.number}`;
        const group = groups.get(key);
        if (group) group.push(read);
        else groups.set(key, [read]);
      }
    }
    for (const group of groups.values()) await this.ask(work, group);
  }

  /** Asks about rows together; when that fails, one by one: a good row in between tells the model apart from a bad row. */
  private async ask(work: Work, rows: readonly ReadRow[]): Promise<void> {
    const startedAt = performance.now();
    const inputs = work.records.tensors(rows);
    let outputs: Tensor[];
    try {
      outputs = await this.infer(work, inputs);
    } catch (error) {
      if (!isAboutRows(error)) throw error;
      if (tookProcessDown(error) && ++work.harm > maxHarm) {
        throw batchPieceUnsafe(
          { piece: work.piece.piece },
          `Rows of piece ${work.piece.piece} took the process of the model down ${work.harm} times.`,
        );
      }
      if (rows.length === 1) work.results.push(...rows.map(({ row }) => failure(row, error.detail)));
      else for (const row of rows) await this.ask(work, [row]);
      return;
    }
    const elapsedMs = performance.now() - startedAt;
    if (rows.length > 1 || work.pace.rows === 1) work.pace.note(rows.length, elapsedMs);
    await this.record(work, rows, inputs, outputs, elapsedMs);
    const { isBatched } = work.loaded;
    for (const [position, { row }] of rows.entries()) {
      work.results.push({ number: row.number, recordId: row.recordId, outputs: rowValues(outputs, position, isBatched) });
    }
  }

  /** Waits patiently while clients fill the queue or the model is left alone for a while. */
  private async infer({ loaded, signal }: Work, inputs: readonly Tensor[]): Promise<Tensor[]> {
    const names = loaded.routed.signature.outputs.map(({ name }) => name);
    for (let pauses = 0; ; pauses++) {
      try {
        return await loaded.batcher.infer(inputs, names, { priority: 'batch' });
      } catch (error) {
        if (!isBusy(error) || pauses >= maxBusyPauses) throw error;
        await wait(busyPauseMs, undefined, { signal });
      }
    }
  }

  private async record(work: Work, rows: readonly ReadRow[], inputs: Tensor[], outputs: Tensor[], elapsedMs: number): Promise<void> {
    const { piece, loaded, signal } = work;
    while (this.capture.fill > captureFill && piece.capture?.level !== 'off') await wait(capturePauseMs, undefined, { signal });
    // when the job was accepted: done again, a row is the same prediction
    const receivedAtMs = Date.parse(piece.acceptedAt);
    await this.capture.record({
      loaded,
      role: piece.version.role,
      predictionIds: rows.map(({ row }) => batchPredictionId(piece.jobId, piece.version.version, row.number)),
      requestId: piece.jobId,
      keyId: piece.keyId,
      receivedAtMs,
      latencyUs: Math.round(elapsedMs * 1000),
      traceparent: '',
      rolloutId: '',
      records: {
        clientRecordIds: rows.map(({ row }) => row.recordId),
        occurredAtMs: rows.map(({ row }) => row.occurredAtMs ?? receivedAtMs),
      },
      inputs,
      outputs,
      capture: piece.capture,
    });
  }
}

function failure({ number, recordId }: { number: number; recordId: string }, error: string): ResultRow {
  return { number, recordId, error };
}

const busy = new Set([queueFull, modelSuspended, runtimeUnavailable].map(({ definition }) => definition.code));

function isBusy(error: unknown): boolean {
  return error instanceof BasculeError && busy.has(error.code);
}

/** True when the rows are to blame: the model says no, or they took its process down. */
function isAboutRows(error: unknown): error is BasculeError {
  return tookProcessDown(error) || (error instanceof BasculeError && error.kind === 'unprocessable');
}

import { setImmediate as turn, setTimeout as wait } from 'node:timers/promises';
import { BasculeError, Metrics } from '@bascule/platform';
import { Injectable } from '@nestjs/common';
import type { Piece, RowGroup, Stacked } from '../batch-files/piece-file.js';
import { batchPredictionIds } from '../batch-files/prediction-id.js';
import { ResultWriter, rowsOf } from '../batch-files/result-file.js';
import { CaptureService } from '../capture/capture.service.js';
import { modelSuspended, queueFull, runtimeUnavailable } from '../errors.js';
import type { Tensor } from '../inference/tensor.js';
import type { LoadedVersion } from '../runtime/models.service.js';
import { tookProcessDown } from '../runtime/placed-model.js';
import type { BatchPiece } from './batch-piece.js';
import { Harm } from './harm.js';
import { SlicePace } from './slice-pace.js';

const busyPauseMs = 250;
const maxBusyPauses = 240;
const capturePauseMs = 500;
/** Beyond this share of the write-ahead files, rows that can wait do: the rest is for clients. */
const captureFill = 0.9;

/** Places all over a slice that are tried first. */
const spread = 8;

interface Work {
  readonly piece: BatchPiece['data'];
  readonly loaded: LoadedVersion;
  readonly rows: Piece;
  readonly results: ResultWriter;
  readonly pace: SlicePace;
  readonly harm: Harm;
  readonly signal: AbortSignal;
}

/** Rows of one group, from one place in it to another. */
interface Slice {
  readonly group: RowGroup;
  readonly from: number;
  readonly to: number;
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

  /** The results of all rows. */
  async predict(piece: BatchPiece['data'], loaded: LoadedVersion, rows: Piece, signal: AbortSignal): Promise<ResultWriter> {
    const results = new ResultWriter(rows);
    const pace = this.paces.get(loaded) ?? new SlicePace();
    this.paces.set(loaded, pace);
    const work: Work = { piece, loaded, rows, results, pace, harm: new Harm(), signal };
    for (const group of rows.groups) {
      for (let from = 0, to = 0; from < group.rows.length; from = to) {
        signal.throwIfAborted();
        // without an axis of rows, each is asked alone
        to = Math.min(group.rows.length, from + (loaded.isBatched ? pace.rows : 1));
        await this.ask(work, { group, from, to });
        // clients first: whatever came in meanwhile is read before the next slice
        await turn();
      }
    }
    const labels = { model: piece.modelName, version: String(piece.version.version) };
    const { failedCount } = results;
    this.answered.add(rows.rowCount - failedCount, { ...labels, outcome: 'answered' });
    if (failedCount > 0) this.answered.add(failedCount, { ...labels, outcome: 'failed' });
    return results;
  }

  /**
   * Asks about rows together, and about parts of them when that fails, until it is known which row it is. What took the process of
   * the model down is asked row by row: halves would kill it once per halving, and clients share it.
   */
  private async ask(work: Work, slice: Slice): Promise<void> {
    const { group, from, to } = slice;
    if (work.harm.isEnough) return this.leaveOut(work, slice);
    const startedAt = performance.now();
    const inputs = inputsOf(work, slice);
    let outputs: Tensor[];
    try {
      outputs = await this.infer(work, inputs);
    } catch (error) {
      if (!isAboutRows(error)) throw error;
      const isHarmful = tookProcessDown(error);
      if (isHarmful) work.harm.note(`Rows of piece ${work.rows.piece} from all over it`);
      if (to - from === 1) work.results.fail(group.rows[from] as number, error.detail);
      else await this.askApart(work, slice, isHarmful ? 1 : Math.ceil((to - from) / 2));
      return;
    }
    work.harm.over();
    const elapsedMs = performance.now() - startedAt;
    if (to - from > 1 || work.pace.rows === 1) work.pace.note(to - from, elapsedMs);
    await this.record(work, slice, inputs, outputs, elapsedMs);
    work.results.add(group.rows.slice(from, to), outputs, work.loaded.isBatched);
  }

  private async askApart(work: Work, { group, from, to }: Slice, length: number): Promise<void> {
    // not one after the other: rows that a model cannot bear often stand together, and that it cannot bear any must not be taken from them
    const stride = Math.max(1, Math.floor((to - from) / length / spread)) * length;
    for (let first = from; first < Math.min(to, from + stride); first += length) {
      for (let start = first; start < to; start += stride) {
        work.signal.throwIfAborted();
        await this.ask(work, { group, from: start, to: Math.min(to, start + length) });
      }
    }
  }

  private leaveOut({ results, harm }: Work, { group, from, to }: Slice): void {
    for (const row of group.rows.subarray(from, to)) results.fail(row, harm.reason);
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

  private async record(work: Work, { group, from, to }: Slice, inputs: Tensor[], outputs: Tensor[], elapsedMs: number): Promise<void> {
    const { piece, loaded, rows, signal } = work;
    const isOff = piece.capture?.level === 'off';
    while (this.capture.fill > captureFill && !isOff) await wait(capturePauseMs, undefined, { signal });
    // when the job was accepted: done again, a row is the same prediction
    const receivedAtMs = Date.parse(piece.acceptedAt);
    const places = Array.from(group.rows.subarray(from, to));
    const idOf = batchPredictionIds(piece.jobId, piece.version.version);
    await this.capture.record({
      loaded,
      role: piece.version.role,
      // of what is not captured, the number is
      predictionIds: places.map((row) => (isOff ? '' : idOf(rows.first + row))),
      requestId: piece.jobId,
      keyId: piece.keyId,
      receivedAtMs,
      latencyUs: Math.round(elapsedMs * 1000),
      traceparent: '',
      rolloutId: '',
      records: {
        clientRecordIds: places.map((row) => rows.recordIds[row] as string),
        occurredAtMs: places.map((row) => occurredAt(rows, row, receivedAtMs)),
      },
      inputs,
      outputs,
      capture: piece.capture,
    });
  }
}

function occurredAt({ occurredAtMs }: Piece, row: number, otherwise: number): number {
  const at = occurredAtMs[row] as number;
  return Number.isNaN(at) ? otherwise : at;
}

/** The inputs of the model for the rows of a slice; one without an axis of rows is asked about one of them. */
function inputsOf({ loaded }: Work, { group, from, to }: Slice): Tensor[] {
  return loaded.routed.signature.inputs.map(({ name, datatype, shape }, input) => {
    const stacked = group.tensors[input] as Stacked;
    return {
      name,
      datatype,
      shape: shape[0] === -1 ? [to - from, ...stacked.rowShape] : stacked.rowShape,
      data: rowsOf(stacked, from, to),
    };
  });
}

const busy = new Set([queueFull, modelSuspended, runtimeUnavailable].map(({ definition }) => definition.code));

function isBusy(error: unknown): boolean {
  return error instanceof BasculeError && busy.has(error.code);
}

/** True when the rows are to blame: the model says no, or they took its process down. */
function isAboutRows(error: unknown): error is BasculeError {
  return tookProcessDown(error) || (error instanceof BasculeError && error.kind === 'unprocessable');
}

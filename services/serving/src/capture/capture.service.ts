import { cpus } from 'node:os';
import { Clock, CONFIG, Logger, Metrics, newId } from '@bascule/platform';
import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { Config } from '../config.js';
import { captureUnavailable } from '../errors.js';
import { BlockSender } from './block-sender.service.js';
import { treatmentOf } from './capture-level.js';
import { type Counted, GatewaySigns } from './gateway-signs.service.js';
import { OpenBlock } from './open-block.js';
import { type Answered, modelSchemaOf, type RowContent, writePrediction } from './prediction-record.js';
import { hashesOf } from './row-hashes.js';
import { SigningKey } from './signing-key.service.js';
import { SpillStore } from './spill.store.js';
import { Tallies } from './tallies.js';
import { encodeSeal, type Seal } from './write-ahead.js';
import { WriteAheadFile } from './write-ahead-file.store.js';

const maxRows = 256;
// NATS takes messages up to 1 MB
const maxBlockBytes = 700_000;
const sealAfterMs = 200;

/**
 * Captures answered rows as their endpoint wants it: written ahead to a local file before the answer leaves, sealed into
 * blocks, published behind. If the files may not grow any more, rows are dropped and counted, and the answer never waits
 * for that; only at the level `strict` it does, until the rows are on the disk, and without a record there is no answer.
 */
@Injectable()
export class CaptureService implements OnModuleInit, OnApplicationShutdown {
  readonly producer = newId();
  readonly startedAt = new Date();
  readonly processor = cpus()[0]?.model.trim() ?? '';
  /** The last sealed block; blocks count from 1. */
  sealedSequence = 0;
  /** Rows in all sealed blocks. */
  sealedRows = 0;
  /** Rows dropped since the start. */
  dropped = 0;
  private readonly file: WriteAheadFile;
  private readonly block = new OpenBlock();
  private readonly tallies = new Tallies();
  private readonly schemas = new WeakMap<Answered['loaded'], Uint8Array>();
  private runtime = '';
  /** The last write failed. */
  private isFailing = false;
  private failures = 0;
  private wantsSync = false;
  private readonly syncs = new Set<Promise<void>>();
  private flushing: Promise<true> | undefined;
  private sealTimer: NodeJS.Timeout | undefined;
  private readonly droppedRows;
  private readonly truncatedRows;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly sender: BlockSender,
    private readonly store: SpillStore,
    private readonly key: SigningKey,
    private readonly signs: GatewaySigns,
    private readonly clock: Clock,
    private readonly log: Logger,
    metrics: Metrics,
  ) {
    this.file = new WriteAheadFile(store, this.producer);
    this.droppedRows = metrics.counter('serving_capture_dropped_total', 'Captured rows that had to be dropped');
    this.truncatedRows = metrics.counter('serving_capture_truncated_total', 'Rows captured without values because they were too large');
    metrics.gauge('serving_capture_left_out', 'Rows answered and, as their endpoint wants it, not captured', () => this.tallies.leftOut);
  }

  /** The sequence that the block being filled will get. */
  get openSequence(): number {
    return this.sealedSequence + 1;
  }

  /** How full the write-ahead files are: from 1 on, rows are dropped. */
  get fill(): number {
    return this.sender.keptBytes / this.config.SPILL_MAX_BYTES;
  }

  /** How far this producer has counted. */
  get counted(): Counted {
    const { sealedSequence, sealedRows, dropped } = this;
    return { sealedSequence, sealedRows, openRows: this.block.rows, dropped, waitingBlocks: this.sender.queuedBlocks };
  }

  onModuleInit(): void {
    this.store.claim(this.producer);
    this.signs.start(this.producer, { receiptKey: this.key.verifierKey, processor: this.processor });
  }

  /** Tells the others how far this producer has counted. */
  showSign(): Promise<void> {
    return this.signs.show(this.producer, this.startedAt, this.counted);
  }

  /**
   * Resolves when the rows are in the write-ahead file: they survive the end of this process; `strict` ones when they are
   * on the disk: they survive a power cut. All rows of a turn wait for one promise; without rows there is nothing to wait for.
   * @returns false when the rows had to be dropped
   * @throws captureUnavailable at the level `strict`, when the rows could not be recorded
   */
  record(answered: Answered): boolean | Promise<boolean> {
    const { loaded, predictionIds, capture } = answered;
    const isStrict = capture?.level === 'strict' && answered.role !== 'shadow';
    if (this.sender.keptBytes > this.config.SPILL_MAX_BYTES) {
      if (isStrict) throw captureUnavailable({}, 'the write-ahead files may not grow any more');
      this.drop(predictionIds.length);
      return false;
    }
    const { failures } = this;
    this.runtime = loaded.runtime;
    if (isStrict) this.wantsSync = true;
    // everything answered in this turn goes to the file in one write
    this.flushing ??= Promise.resolve().then(() => this.flush(false));
    const { flushing } = this;
    let captured = 0;
    for (let row = 0; row < predictionIds.length; row++) {
      const predictionId = predictionIds[row] as string;
      // of a shadow, the answer decides that it stands beside
      const treatment = treatmentOf(capture, answered.shadowOf?.[row] ?? predictionId);
      if (treatment === 'none') continue;
      captured++;
      const content = treatment === 'hashes' ? hashesOf(answered, row, this.key.saltOf(predictionId)) : 'values';
      this.add(answered, row, content, isStrict);
      this.sealTimer ??= setTimeout(() => this.flush(true), sealAfterMs);
    }
    this.tallies.add(loaded, predictionIds.length, captured);
    if (isStrict) return this.settle(captured > 0 ? flushing : undefined, failures);
    return captured > 0 ? flushing : true;
  }

  /** Ends the current file when it is old or full, so that it can go once its blocks are safe. */
  rollOver(): void {
    if (this.block.rows > 0) return;
    const ended = this.file.endIfDue(this.clock.now().getTime());
    if (ended) this.sender.close(ended);
  }

  /** Sends a block without rows when rows were left out that no block has told of. */
  stateTallies(): void {
    if (this.tallies.isNews && this.block.rows === 0) this.seal(true);
  }

  // the HTTP server has answered its last request by now
  async onApplicationShutdown(): Promise<void> {
    this.flush(true);
    this.stateTallies();
    const isEmpty = await this.sender.flush(5_000);
    if (!isEmpty) this.log.warn({}, 'captured blocks stay in the write-ahead file for the next start');
    this.file.close();
    await this.signs.end(this.producer, this.startedAt, this.counted);
    if (this.sender.keptBytes === 0) this.store.removeProducer(this.producer);
  }

  private add(answered: Answered, row: number, wanted: RowContent, isStrict: boolean): void {
    let content = wanted;
    for (;;) {
      const model = this.block.position(answered.loaded, () => this.schemaOf(answered.loaded));
      const start = this.block.beginRow();
      writePrediction(this.block.writer, answered, row, model, content);
      const isAlone = this.block.rows === 1;
      if (this.block.messageBytes <= maxBlockBytes || (isAlone && content !== 'values')) break;
      this.block.takeBack(start);
      // together they would be larger than a message may be; the next block names its models anew
      if (!isAlone) this.seal();
      else if (isStrict)
        throw captureUnavailable({}, 'a row is too large for a record, and this endpoint answers nothing that is not recorded');
      else {
        content = 'nothing';
        this.truncatedRows.add(1);
      }
    }
    if (this.block.rows >= maxRows) this.seal();
  }

  private schemaOf(loaded: Answered['loaded']): Uint8Array {
    const known = this.schemas.get(loaded);
    if (known) return known;
    const schema = modelSchemaOf(loaded, this.processor);
    this.schemas.set(loaded, schema);
    return schema;
  }

  private drop(rows: number): void {
    this.dropped += rows;
    this.droppedRows.add(rows);
  }

  /** Waits until all strict rows written so far are on the disk. */
  private async settle(flushing: Promise<true> | undefined, failures: number): Promise<true> {
    await flushing;
    const cause = await Promise.all(this.syncs).then(
      () => undefined,
      (error: unknown) => error,
    );
    if (cause === undefined && failures === this.failures) return true;
    this.log.error({ err: cause }, 'rows that must be on the disk before their answer are not');
    throw captureUnavailable({}, 'the write-ahead file could not be written');
  }

  private seal(evenEmpty = false): void {
    clearTimeout(this.sealTimer);
    this.sealTimer = undefined;
    const { rows } = this.block;
    if (rows === 0 && !evenEmpty) return;
    const seal: Seal = {
      sequence: this.openSequence,
      rows,
      dropped: this.dropped,
      runtime: this.runtime,
      rowsBefore: this.sealedRows,
      tallies: this.tallies.state(),
    };
    this.block.append(encodeSeal(seal));
    const isWritten = this.write();
    const block = { seal, chunks: this.block.chunks() };
    const { segment } = this.file;
    this.sealedSequence = seal.sequence;
    this.sealedRows += rows;
    if (isWritten && segment) this.sender.send(segment, block);
    else {
      // the file lacks the block or parts of it: the next block begins another file, this one goes out from memory
      const ended = this.file.end();
      if (ended) this.sender.close(ended);
      if (!this.sender.sendUnwritten(this.producer, block)) this.drop(rows);
    }
    this.block.clear();
    this.rollOver();
  }

  private flush(andSeal: boolean): true {
    this.flushing = undefined;
    this.write();
    if (andSeal) this.seal();
    return true;
  }

  private write(): boolean {
    if (this.block.isWritten) return true;
    try {
      const block = { sequence: this.openSequence, rowsBefore: this.sealedRows };
      const opened = this.file.append(this.block.unwritten(), block, this.clock.now().getTime());
      if (opened) this.sender.keep(opened);
      this.block.noteWritten();
      this.isFailing = false;
      if (this.wantsSync) this.sync();
      return true;
    } catch (error) {
      // a full disk must not fail predictions: tried again with the next rows, and sent from memory when the block ends
      if (!this.isFailing) this.log.error({ err: error }, 'captured rows could not be written ahead');
      this.isFailing = true;
      this.failures++;
      return false;
    }
  }

  private sync(): void {
    this.wantsSync = false;
    const syncing = this.file.sync();
    this.syncs.add(syncing);
    const forget = () => void this.syncs.delete(syncing);
    syncing.then(forget, forget);
  }
}

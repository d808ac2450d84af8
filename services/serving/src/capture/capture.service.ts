import { Clock, CONFIG, Logger, Metrics, newId } from '@bascule/platform';
import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { Config } from '../config.js';
import { BlockSender } from './block-sender.service.js';
import { type Answered, modelChunk, predictionChunk, predictionsOf, withoutValues } from './prediction-record.js';
import { SpillStore } from './spill.store.js';
import { encodeRecord, encodeSeal, type FoundBlock } from './write-ahead.js';
import { WriteAheadFile } from './write-ahead-file.store.js';

const maxRows = 256;
// NATS takes messages up to 1 MB
const maxBlockBytes = 700_000;
const sealAfterMs = 200;

/**
 * Captures every answered row: written ahead to a local file before the answer leaves, sealed into blocks, published
 * behind. If the files may not grow any more, rows are dropped and counted; the answer never waits for that.
 */
@Injectable()
export class CaptureService implements OnModuleInit, OnApplicationShutdown {
  readonly producer = newId();
  private readonly file: WriteAheadFile;
  private sequence = 0;
  private chunks: Uint8Array[] = [];
  private models = new Map<string, number>();
  private rows = 0;
  private blockBytes = 0;
  private runtime = '';
  private written: Buffer[] = [];
  /** The last write failed. */
  private isFailing = false;
  private flushing: Promise<void> | undefined;
  private sealTimer: NodeJS.Timeout | undefined;
  private readonly droppedRows;
  private readonly truncatedRows;
  /** Rows dropped since the start. */
  dropped = 0;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly sender: BlockSender,
    private readonly store: SpillStore,
    private readonly clock: Clock,
    private readonly log: Logger,
    metrics: Metrics,
  ) {
    this.file = new WriteAheadFile(store, this.producer);
    this.droppedRows = metrics.counter('serving_capture_dropped_total', 'Captured rows that had to be dropped');
    this.truncatedRows = metrics.counter('serving_capture_truncated_total', 'Rows captured without values because they were too large');
  }

  onModuleInit(): void {
    this.store.claim(this.producer);
  }

  /** Resolves when the rows are in the write-ahead file: they survive the end of this process. */
  record(answered: Answered): Promise<void> {
    if (this.sender.keptBytes > this.config.SPILL_MAX_BYTES) {
      this.drop(answered.predictionIds.length);
      return Promise.resolve();
    }
    const { modelName, routed, runtime } = answered.loaded;
    const schemaKey = `${modelName}@${routed.version}/${routed.artifactDigest}`;
    this.runtime = runtime;
    for (const prediction of predictionsOf(answered)) {
      prediction.model = this.modelPosition(schemaKey, answered);
      let captured = prediction;
      let chunk = predictionChunk(captured);
      if (chunk.length > maxBlockBytes) {
        captured = withoutValues(prediction);
        chunk = predictionChunk(captured);
        this.truncatedRows.add(1);
      }
      if (this.rows > 0 && this.blockBytes + chunk.length > maxBlockBytes) {
        // together they would be larger than a message may be; the next block names its models anew
        this.seal();
        captured.model = this.modelPosition(schemaKey, answered);
        chunk = predictionChunk(captured);
      }
      this.add('row', chunk);
      this.rows++;
      if (this.rows >= maxRows || this.blockBytes >= maxBlockBytes) this.seal();
    }
    this.sealTimer ??= setTimeout(() => this.flush(true), sealAfterMs);
    // everything answered in this turn goes to the file in one write
    this.flushing ??= Promise.resolve().then(() => this.flush(false));
    return this.flushing;
  }

  /** Ends the current file when it is old or full, so that it can go once its blocks are safe. */
  rollOver(): void {
    if (this.rows > 0) return;
    const ended = this.file.endIfDue(this.clock.now().getTime());
    if (ended) this.sender.close(ended);
  }

  // the HTTP server has answered its last request by now
  async onApplicationShutdown(): Promise<void> {
    this.flush(true);
    const isEmpty = await this.sender.flush(5_000);
    if (!isEmpty) this.log.warn({}, 'captured blocks stay in the write-ahead file for the next start');
    this.file.close();
    if (this.sender.keptBytes === 0) this.store.removeProducer(this.producer);
  }

  private drop(rows: number): void {
    this.dropped += rows;
    this.droppedRows.add(rows);
  }

  private modelPosition(key: string, answered: Answered): number {
    const known = this.models.get(key);
    if (known !== undefined) return known;
    const position = this.models.size;
    this.models.set(key, position);
    this.add('model', modelChunk(answered));
    return position;
  }

  private add(kind: 'model' | 'row', chunk: Uint8Array): void {
    this.chunks.push(chunk);
    this.blockBytes += chunk.length;
    this.written.push(encodeRecord(kind, chunk));
  }

  private seal(): void {
    clearTimeout(this.sealTimer);
    this.sealTimer = undefined;
    if (this.rows === 0) return;
    const seal = { sequence: this.sequence, rows: this.rows, dropped: this.dropped, runtime: this.runtime };
    const block: FoundBlock = { seal, chunks: this.chunks };
    this.written.push(encodeSeal(seal));
    const isWritten = this.write();
    this.sequence++;
    this.chunks = [];
    this.models = new Map();
    this.rows = 0;
    this.blockBytes = 0;
    const { segment } = this.file;
    if (isWritten && segment) this.sender.send(segment, block);
    else this.sendUnwritten(block);
    this.rollOver();
  }

  /** The file lacks the block or parts of it: the next block begins another file, this one goes out from memory. */
  private sendUnwritten(block: FoundBlock): void {
    this.written = [];
    const ended = this.file.end();
    if (ended) this.sender.close(ended);
    if (!this.sender.sendUnwritten(this.producer, block)) this.drop(block.seal.rows);
  }

  private flush(andSeal: boolean): void {
    this.flushing = undefined;
    this.write();
    if (andSeal) this.seal();
  }

  private write(): boolean {
    if (this.written.length === 0) return true;
    const bytes = Buffer.concat(this.written);
    try {
      const opened = this.file.append(bytes, this.sequence, this.clock.now().getTime());
      if (opened) this.sender.keep(opened);
      this.written = [];
      this.isFailing = false;
      return true;
    } catch (error) {
      // a full disk must not fail predictions: tried again with the next rows, and sent from memory when the block ends
      this.written = [bytes];
      if (!this.isFailing) this.log.error({ err: error }, 'captured rows could not be written ahead');
      this.isFailing = true;
      return false;
    }
  }
}

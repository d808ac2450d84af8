import { predictionLogged } from '@bascule/contracts';
import { NATS, type NatsConnectionHolder, Publisher } from '@bascule/messaging';
import { CONFIG, Logger, Metrics } from '@bascule/platform';
import { Inject, Injectable } from '@nestjs/common';
import type { Config } from '../config.js';
import { giveBack, takeRoom } from '../inference/stack-room.js';
import { blockHeader } from './prediction-record.js';
import { type Segment, SpillStore } from './spill.store.js';
import type { FoundBlock } from './write-ahead.js';

interface Kept {
  readonly segment: Segment;
  /** No block will be added any more. */
  isClosed: boolean;
  readonly sealed: Set<number>;
  readonly acked: Set<number>;
  lastAckAt: number;
}

interface Queued {
  readonly kept: Kept;
  readonly sequence: number;
  /** Absent when too many wait: read from the file when its turn comes. */
  readonly bytes?: Uint8Array;
}

const maxInFlight = 32;
const maxQueuedInMemory = 64;
const maxReads = 10;

/**
 * Publishes sealed blocks with acks in the background and keeps their files until a server restart can no longer lose
 * them; what is kept is published again after a reconnect, under the same id.
 */
@Injectable()
export class BlockSender {
  private readonly kept = new Map<string, Kept>();
  private readonly growing = new Set<Kept>();
  private closedBytes = 0;
  private queue: Queued[] = [];
  private inFlight = 0;
  private isStopped = false;
  private readonly lost;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(NATS) private readonly connection: NatsConnectionHolder,
    private readonly publisher: Publisher,
    private readonly store: SpillStore,
    private readonly log: Logger,
    metrics: Metrics,
  ) {
    connection.onReconnect(() => void this.sendAgain());
    metrics.gauge('serving_capture_spilled_bytes', 'Bytes in write-ahead files', () => this.keptBytes);
    this.lost = metrics.counter('serving_capture_lost_blocks_total', 'Sealed blocks whose file could not be read any more');
    metrics.gauge('serving_capture_unsent_blocks', 'Sealed blocks without an ack', () => this.queue.length + this.inFlight);
  }

  /** Asked for every answer: only files that still grow are looked at anew. */
  get keptBytes(): number {
    let bytes = this.closedBytes;
    for (const { segment } of this.growing) bytes += segment.sizeBytes;
    return bytes;
  }

  /** Starts to keep a file. */
  keep(segment: Segment): void {
    const kept: Kept = { segment, isClosed: false, sealed: new Set(), acked: new Set(), lastAckAt: 0 };
    this.kept.set(segment.path, kept);
    this.growing.add(kept);
  }

  /** A file gets no more blocks and may go once its blocks are safe. */
  close(segment: Segment): void {
    const kept = this.kept.get(segment.path);
    if (!kept || kept.isClosed) return;
    kept.isClosed = true;
    this.growing.delete(kept);
    this.closedBytes += segment.sizeBytes;
  }

  /** Queues a sealed block of a kept file. */
  send(segment: Segment, block: FoundBlock): void {
    const kept = this.kept.get(segment.path);
    if (!kept) return;
    kept.sealed.add(block.seal.sequence);
    const { sequence } = block.seal;
    const isShort = this.queue.length < maxQueuedInMemory;
    this.queue.push({ kept, sequence, ...(isShort ? { bytes: blockBytes(segment.producer, block) } : {}) });
    this.pump();
  }

  /**
   * Sends a block that could not be written to a file. It lives in memory only.
   * @returns false when too many such blocks wait already
   */
  sendUnwritten(producer: string, block: FoundBlock): boolean {
    if (this.queue.length >= maxQueuedInMemory) return false;
    const { sequence } = block.seal;
    const segment = { path: '', producer, firstSequence: sequence, sizeBytes: 0 };
    const kept = { segment, isClosed: true, sealed: new Set([sequence]), acked: new Set<number>(), lastAckAt: 0 };
    this.queue.push({ kept, sequence, bytes: blockBytes(producer, block) });
    this.pump();
    return true;
  }

  /**
   * Removes the files whose blocks were acknowledged long enough ago; when space runs out, all that were acknowledged.
   * Without a connection nothing ages: nobody can tell what a server that is away has kept.
   */
  prune(now: number): void {
    for (const [path, { segment, isClosed, sealed, acked, lastAckAt }] of this.kept) {
      const isCrowded = this.keptBytes > this.config.SPILL_MAX_BYTES * 0.8;
      const isOld = this.connection.isConnected && now - lastAckAt >= this.config.NATS_RESEND_WINDOW_MS;
      const isSafe = isCrowded || isOld;
      if (!isClosed || acked.size < sealed.size || !isSafe) continue;
      this.store.remove(path);
      this.kept.delete(path);
      this.closedBytes -= segment.sizeBytes;
    }
  }

  /** True while a file of this producer is kept. */
  keeps(producer: string): boolean {
    return [...this.kept.values()].some(({ segment }) => segment.producer === producer);
  }

  /** Waits until everything queued is acknowledged, at most so long. */
  async flush(timeoutMs: number): Promise<boolean> {
    const giveUpAt = Date.now() + timeoutMs;
    while (this.queue.length + this.inFlight > 0 && Date.now() < giveUpAt) await new Promise((resolve) => setTimeout(resolve, 10));
    this.isStopped = true;
    return this.queue.length + this.inFlight === 0;
  }

  private pump(): void {
    while (this.inFlight < maxInFlight && !this.isStopped) {
      const next = this.queue.shift();
      if (!next) return;
      this.inFlight++;
      void this.publish(next).finally(() => {
        this.inFlight--;
        this.pump();
      });
    }
  }

  private async publish({ kept, sequence, bytes }: Queued): Promise<void> {
    const block = bytes ?? (await this.readBack(kept.segment, sequence));
    for (let attempt = 1; block && !this.isStopped; attempt++) {
      try {
        await this.publisher.publishBlock(predictionLogged, block, { id: `${kept.segment.producer}-${sequence}` });
        // the stream has the bytes, and no earlier attempt may still be on its way with them
        if (attempt === 1) giveBack(block.buffer);
        kept.acked.add(sequence);
        kept.lastAckAt = Date.now();
        return;
      } catch (error) {
        if (attempt === 1) this.log.warn({ err: error, sequence }, 'block waits for the stream');
        await new Promise((resolve) => setTimeout(resolve, Math.min(2_000, 50 * 2 ** attempt)));
      }
    }
  }

  /** Undefined when the file does not give the block back: it must not hold up the others for ever. */
  private async readBack(segment: Segment, sequence: number): Promise<Uint8Array | undefined> {
    for (let attempt = 1; !this.isStopped; attempt++) {
      try {
        const { blocks } = await this.store.read(segment.path);
        const block = blocks.find(({ seal }) => seal.sequence === sequence);
        if (!block) throw new Error(`block ${sequence} is not in ${segment.path}`);
        return blockBytes(segment.producer, block);
      } catch (error) {
        if (attempt === maxReads) {
          this.lost.add(1);
          this.log.error({ err: error, sequence }, 'a captured block is lost: its file cannot be read');
          return undefined;
        }
        await new Promise((resolve) => setTimeout(resolve, Math.min(2_000, 50 * 2 ** attempt)));
      }
    }
    return undefined;
  }

  private async sendAgain(): Promise<void> {
    // before anything is awaited: what nobody has acknowledged anew may not be removed
    const doubtful = [...this.kept.values()].map((kept) => ({ kept, sequences: [...kept.acked] }));
    for (const { kept } of doubtful) kept.acked.clear();
    // what had no ack is still in the queue
    for (const { kept, sequences } of doubtful) {
      if (sequences.length === 0) continue;
      const { blocks } = await this.store.read(kept.segment.path).catch(() => ({ blocks: [] }));
      const found = blocks.filter(({ seal }) => sequences.includes(seal.sequence));
      for (const block of found) this.send(kept.segment, block);
      const isFound = new Set(found.map(({ seal }) => seal.sequence));
      for (const sequence of sequences) if (!isFound.has(sequence)) kept.acked.add(sequence);
    }
  }
}

function blockBytes(producer: string, { seal, chunks }: FoundBlock): Uint8Array {
  const parts = [blockHeader({ producer, ...seal }), ...chunks];
  const size = parts.reduce((sum, { length }) => sum + length, 0);
  const room = takeRoom(size);
  if (!room) return Buffer.concat(parts);
  const block = Buffer.from(room, 0, size);
  let offset = 0;
  for (const part of parts) {
    block.set(part, offset);
    offset += part.length;
  }
  return block;
}

import { predictionLogged } from '@bascule/contracts';
import { NATS, type NatsConnectionHolder, Publisher } from '@bascule/messaging';
import { CONFIG, Logger, Metrics } from '@bascule/platform';
import { Inject, Injectable } from '@nestjs/common';
import type { Config } from '../config.js';
import { giveBack, takeRoom } from '../inference/stack-room.js';
import { blockHeader } from './prediction-record.js';
import { type Segment, SpillStore } from './spill.store.js';
import type { Found, FoundBlock } from './write-ahead.js';

interface Kept {
  readonly segment: Segment;
  /** No block will be added any more, and all that are in it have been handed over. */
  isClosed: boolean;
  /** What it adds to the bytes of files that do not grow any more. */
  closedBytes: number;
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
/** Of what is not new: what is answered now goes first. */
const maxBehind = 4;
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
  /** Blocks to be sent again since the last reconnect. */
  private doubtful = 0;
  /** The file that blocks were read back from last: they wait in its order. */
  private lastRead: { readonly path: string; readonly found: Promise<Found> } | undefined;
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
    metrics.gauge('serving_capture_unsent_blocks', 'Sealed blocks without an ack', () => this.unsent);
  }

  /** Asked for every answer: only files that still grow are looked at anew. */
  get keptBytes(): number {
    let bytes = this.closedBytes;
    for (const { segment } of this.growing) bytes += segment.sizeBytes;
    return bytes;
  }

  /** Blocks that wait for others to be sent first. */
  get queuedBlocks(): number {
    return this.queue.length;
  }

  /** Starts to keep a file that grows. */
  keep(segment: Segment): void {
    const kept = keptOf(segment);
    this.kept.set(segment.path, kept);
    this.growing.add(kept);
  }

  /** Starts to keep a file that somebody else has filled; `close` it once all of its blocks were given to `sendAllBehind`. */
  keepFound(segment: Segment): void {
    const kept = keptOf(segment);
    this.kept.set(segment.path, kept);
    this.count(kept);
  }

  /** Keeps a file no more; it stays where it is. */
  release(segment: Segment): void {
    const kept = this.kept.get(segment.path);
    if (!kept) return;
    this.kept.delete(segment.path);
    this.growing.delete(kept);
    this.closedBytes -= kept.closedBytes;
  }

  /** A file gets no more blocks and may go once its blocks are safe. */
  close(segment: Segment): void {
    const kept = this.kept.get(segment.path);
    if (!kept || kept.isClosed) return;
    kept.isClosed = true;
    this.growing.delete(kept);
    this.count(kept);
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
   * Sends sealed blocks of a kept file in their order, a few at a time, beside those that are queued.
   * @param acked hears of each block that the stream has
   * @returns when the stream has all of them, or this process ends
   */
  async sendAllBehind(segment: Segment, blocks: readonly FoundBlock[], acked: () => void = () => undefined): Promise<void> {
    const kept = this.kept.get(segment.path);
    if (!kept) return;
    for (const { seal } of blocks) kept.sealed.add(seal.sequence);
    const pending = new Set<Promise<void>>();
    for (const block of blocks) {
      if (this.isStopped) break;
      const { sequence } = block.seal;
      const sent: Promise<void> = this.publish({ kept, sequence, bytes: blockBytes(segment.producer, block) }).then(() => {
        pending.delete(sent);
        if (kept.acked.has(sequence)) acked();
      });
      pending.add(sent);
      if (pending.size >= maxBehind) await Promise.race(pending);
    }
    await Promise.all(pending);
  }

  /**
   * Sends a block that could not be written to a file. It lives in memory only.
   * @returns false when too many such blocks wait already
   */
  sendUnwritten(producer: string, block: FoundBlock): boolean {
    if (this.queue.length >= maxQueuedInMemory) return false;
    const { sequence } = block.seal;
    const segment = { path: '', producer, firstSequence: sequence, sizeBytes: 0 };
    const kept = { ...keptOf(segment), isClosed: true, sealed: new Set([sequence]) };
    this.queue.push({ kept, sequence, bytes: blockBytes(producer, block) });
    this.pump();
    return true;
  }

  /**
   * Removes the files whose blocks were acknowledged long enough ago; when space runs out, all that were acknowledged.
   * Without a connection nothing ages: nobody can tell what a server that is away has kept.
   */
  prune(now: number): void {
    for (const [path, { isClosed, closedBytes, sealed, acked, lastAckAt }] of this.kept) {
      const isCrowded = this.keptBytes > this.config.SPILL_MAX_BYTES * 0.8;
      const isOld = this.connection.isConnected && now - lastAckAt >= this.config.NATS_RESEND_WINDOW_MS;
      const isSafe = isCrowded || isOld;
      if (!isClosed || acked.size < sealed.size || !isSafe) continue;
      this.store.remove(path);
      this.kept.delete(path);
      this.closedBytes -= closedBytes;
    }
  }

  /** True while a file of this producer is kept. */
  keeps(producer: string): boolean {
    return [...this.kept.values()].some(({ segment }) => segment.producer === producer);
  }

  /** Waits until everything queued is acknowledged, at most so long. */
  async flush(timeoutMs: number): Promise<boolean> {
    const giveUpAt = Date.now() + timeoutMs;
    while (this.unsent > 0 && Date.now() < giveUpAt) await new Promise((resolve) => setTimeout(resolve, 10));
    this.isStopped = true;
    return this.unsent === 0;
  }

  private get unsent(): number {
    return this.queue.length + this.inFlight + this.doubtful;
  }

  private pump(): void {
    while (this.inFlight < maxInFlight && !this.isStopped) {
      const next = this.queue.shift();
      if (!next) {
        this.lastRead = undefined;
        return;
      }
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
        const block = await this.find(segment.path, sequence);
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

  private async find(path: string, sequence: number): Promise<FoundBlock | undefined> {
    const of = async ({ found }: { found: Promise<Found> }) => (await found).blocks.find(({ seal }) => seal.sequence === sequence);
    // to read a whole file for each of its blocks would keep this process from everything else
    const known = this.lastRead?.path === path ? await of(this.lastRead).catch(() => undefined) : undefined;
    if (known) return known;
    // it may have grown since
    this.lastRead = { path, found: this.store.read(path) };
    return of(this.lastRead);
  }

  private count(kept: Kept): void {
    this.closedBytes += kept.segment.sizeBytes - kept.closedBytes;
    kept.closedBytes = kept.segment.sizeBytes;
  }

  private async sendAgain(): Promise<void> {
    // before anything is awaited: what nobody has acknowledged anew may not be removed
    const doubtful = [...this.kept.values()].map((kept) => ({ kept, sequences: [...kept.acked] }));
    for (const { kept } of doubtful) kept.acked.clear();
    const count = doubtful.reduce((sum, { sequences }) => sum + sequences.length, 0);
    this.doubtful += count;
    // what had no ack is still in the queue, and goes first: of these the server may have lost some
    for (const { kept, sequences } of doubtful) {
      if (sequences.length === 0) continue;
      const { blocks } = await this.store.read(kept.segment.path).catch(() => ({ blocks: [] }));
      const found = blocks.filter(({ seal }) => sequences.includes(seal.sequence));
      const isFound = new Set(found.map(({ seal }) => seal.sequence));
      for (const sequence of sequences) if (!isFound.has(sequence)) kept.acked.add(sequence);
      await this.sendAllBehind(kept.segment, found);
    }
    this.doubtful -= count;
  }
}

function keptOf(segment: Segment): Kept {
  return { segment, isClosed: false, closedBytes: 0, sealed: new Set(), acked: new Set(), lastAckAt: 0 };
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

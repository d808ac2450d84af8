import { NATS, type NatsConnectionHolder } from '@bascule/messaging';
import { HealthRegistry, Logger } from '@bascule/platform';
import { Inject, Injectable } from '@nestjs/common';
import { BlockSender } from './block-sender.service.js';
import { type FoundEnd, GatewaySigns } from './gateway-signs.service.js';
import { rowsUpTo, sealOfTail } from './left-over.js';
import { type LeftOver, type Segment, SpillStore } from './spill.store.js';
import { encodeSeal, type Seal } from './write-ahead.js';

/** What is still to be sent of one ended process. */
interface Waiting {
  readonly leftOver: LeftOver;
  /** As its files say; undefined until the last one was looked at. */
  end: FoundEnd | undefined;
  /** Blocks up to here have been sent, as far as there are files of them. */
  sentTo: number;
  /** Files that could not be read. */
  unread: number;
  isDone: boolean;
  isTold: boolean;
}

const readyPollMs = 200;
/** A gateway that does not become ready publishes all the same. */
const readyWithinMs = 300_000;

/**
 * Publishes what ended processes left behind, under the ids they would have used: file after file in their order, a few blocks at a
 * time, once this gateway is ready. What it records itself goes first.
 */
@Injectable()
export class SpillReplay {
  private readonly all = new Map<string, Waiting>();
  private work: Promise<void> = Promise.resolve();
  private readonly createdAt = performance.now();
  private isTelling = false;

  constructor(
    private readonly sender: BlockSender,
    private readonly store: SpillStore,
    private readonly signs: GatewaySigns,
    private readonly health: HealthRegistry,
    @Inject(NATS) private readonly connection: NatsConnectionHolder,
    private readonly log: Logger,
  ) {}

  /** Takes on what was found; returns at once. Its folder is to be looked after until its files have gone, then `forget` it. */
  take(leftOver: LeftOver): void {
    const { folder, segments } = leftOver;
    const waiting: Waiting = { leftOver, end: undefined, sentTo: 0, unread: 0, isDone: false, isTold: false };
    this.all.set(folder, waiting);
    for (const segment of segments) this.sender.keepFound(segment);
    const seen = this.look(waiting);
    this.work = this.work.then(async () => {
      await seen;
      await this.becomeReady();
      await this.replay(waiting);
    });
  }

  /** True while files of the folder wait for their turn, and until the end of their process is told. */
  isWaiting(folder: string): boolean {
    return this.all.get(folder)?.isTold === false;
  }

  /** True for a folder with a file that could not be read: it is for the next process to try again. */
  isLeft(folder: string): boolean {
    return (this.all.get(folder)?.unread ?? 0) > 0;
  }

  forget(folder: string): void {
    this.all.delete(folder);
  }

  /** Tells others what waits, and of the ends once everything is sent; what NATS misses is told again at the next call. */
  async tell(): Promise<void> {
    if (this.isTelling || !this.connection.isConnected) return;
    this.isTelling = true;
    try {
      for (const waiting of this.all.values()) {
        const { end, sentTo, isDone, isTold, unread } = waiting;
        if (!end || isTold) continue;
        if (!isDone) await this.signs.tellWaiting(end, Math.max(0, end.lastSequence - sentTo));
        else if (unread === 0) await this.signs.tellEnd(end);
        waiting.isTold = isDone;
      }
    } finally {
      this.isTelling = false;
    }
  }

  /** How far the process had counted: its last file says. */
  private async look(waiting: Waiting): Promise<void> {
    const { segments } = waiting.leftOver;
    const last = segments.at(-1);
    if (last === undefined) {
      waiting.end = endOf(waiting.leftOver, undefined);
      return;
    }
    waiting.sentTo = (segments[0] as Segment).firstSequence - 1;
    try {
      const found = await this.store.read(last.path);
      const seal = sealOfTail(found, last) ?? found.blocks.at(-1)?.seal;
      if (seal) waiting.end = endOf(waiting.leftOver, seal);
    } catch {
      // told when its turn comes
    }
    await this.tell().catch((error) => this.log.debug({ err: error }, 'nobody was told yet of what waits'));
  }

  private async becomeReady(): Promise<void> {
    while (performance.now() - this.createdAt < readyWithinMs && !this.health.isShuttingDown) {
      if ((await this.health.readiness()).status === 'ready') return;
      await new Promise((resolve) => setTimeout(resolve, readyPollMs));
    }
  }

  private async replay(waiting: Waiting): Promise<void> {
    const { producer, segments } = waiting.leftOver;
    let last: Seal | undefined;
    for (const segment of segments) {
      if (this.health.isShuttingDown) return;
      try {
        last = (await this.publish(segment, waiting)) ?? last;
      } catch (error) {
        waiting.unread++;
        this.sender.release(segment);
        this.log.error({ err: error, path: segment.path }, 'captured predictions wait in their file for the next start');
      }
    }
    if (this.health.isShuttingDown) return;
    waiting.end = endOf(waiting.leftOver, last);
    waiting.isDone = true;
    this.log.info({ producer, segments: segments.length - waiting.unread }, 'captured predictions of an ended process are published');
  }

  /** @returns the seal of the last block in the file */
  private async publish(segment: Segment, waiting: Waiting): Promise<Seal | undefined> {
    const found = await this.store.read(segment.path);
    waiting.sentTo = Math.max(waiting.sentTo, segment.firstSequence - 1);
    const blocks = [...found.blocks];
    const seal = sealOfTail(found, segment);
    if (seal) {
      this.store.appendTo(segment, found.validBytes, encodeSeal(seal));
      blocks.push({ seal, chunks: found.tail.chunks });
    }
    await this.sender.sendAllBehind(segment, blocks, () => {
      waiting.sentTo++;
    });
    this.sender.close(segment);
    return blocks.at(-1)?.seal;
  }
}

function endOf({ producer, gatewayId }: LeftOver, last: Seal | undefined): FoundEnd {
  return { producer, gatewayId, lastSequence: last?.sequence ?? 0, rows: last && rowsUpTo(last), dropped: last?.dropped ?? 0 };
}

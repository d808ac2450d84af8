import { captureDropped } from '@bascule/contracts';
import { NATS, type NatsConnectionHolder } from '@bascule/messaging';
import { Clock, CONFIG, Logger } from '@bascule/platform';
import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { Config } from '../config.js';
import { RetainedPublisher } from '../publishing/retained-publisher.service.js';
import { BlockSender } from './block-sender.service.js';
import { CaptureService } from './capture.service.js';
import { type FoundEnd, GatewaySigns } from './gateway-signs.service.js';
import { type LeftOver, type Segment, SpillStore } from './spill.store.js';
import { encodeSeal, type Seal } from './write-ahead.js';

const tickMs = 1_000;
const tallyEvery = 5;

/** Every second: rolls and removes write-ahead files, reports drops, publishes what ended processes left behind. */
@Injectable()
export class CaptureJob implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly adopted = new Map<string, LeftOver>();
  private timer: NodeJS.Timeout | undefined;
  private readonly ends: FoundEnd[] = [];
  private reportedDrops = 0;
  private ticks = 0;
  private isRunning = false;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly capture: CaptureService,
    private readonly sender: BlockSender,
    private readonly store: SpillStore,
    private readonly signs: GatewaySigns,
    @Inject(NATS) private readonly connection: NatsConnectionHolder,
    private readonly events: RetainedPublisher,
    private readonly clock: Clock,
    private readonly log: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.tick(), tickMs);
    void this.tick();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  private async tick(): Promise<void> {
    if (this.isRunning) return;
    this.isRunning = true;
    try {
      if (!this.store.beat(this.capture.producer)) this.store.claim(this.capture.producer);
      for (const folder of this.adopted.keys()) if (!this.store.beat(folder)) this.adopted.delete(folder);
      this.capture.rollOver();
      if (++this.ticks % tallyEvery === 0) this.capture.stateTallies();
      void this.capture.showSign();
      this.sender.prune(this.clock.now().getTime());
      this.reportDrops();
      await this.adopt();
      if (this.connection.isConnected) await this.tellEnds();
      for (const [folder, { producer }] of this.adopted) {
        if (this.sender.keeps(producer)) continue;
        this.store.removeProducer(folder);
        this.adopted.delete(folder);
      }
    } catch (error) {
      this.log.error({ err: error }, 'write-ahead files could not be looked after');
    } finally {
      this.isRunning = false;
    }
  }

  private reportDrops(): void {
    const { dropped } = this.capture;
    if (dropped === this.reportedDrops) return;
    this.reportedDrops = dropped;
    const reason = `more than ${this.config.SPILL_MAX_BYTES} bytes wait for the stream`;
    this.events.announce({ definition: captureDropped, data: { gatewayId: this.config.INSTANCE_ID, droppedCount: dropped, reason } });
  }

  /** Publishes what processes that ended have left behind, under the ids they would have used. */
  private async adopt(): Promise<void> {
    for (const leftOver of this.store.adoptLeftOvers(this.capture.producer)) {
      const { producer, folder, segments } = leftOver;
      let unread = 0;
      let last: Seal | undefined;
      for (const segment of segments) {
        try {
          last = (await this.publish(segment)) ?? last;
        } catch (error) {
          unread++;
          this.log.error({ err: error, path: segment.path }, 'captured predictions wait in their file for the next start');
        }
      }
      // the folder goes when all of its files have gone; with one that could not be read it stays
      if (unread === 0) {
        this.adopted.set(folder, leftOver);
        this.ends.push(endOf(leftOver, last));
      }
      this.log.info({ producer, segments: segments.length - unread }, 'captured predictions of an ended process are published');
    }
  }

  /** Tells of the ends that were found; what NATS misses is told again at the next turn. */
  private async tellEnds(): Promise<void> {
    for (let end = this.ends[0]; end; end = this.ends[0]) {
      await this.signs.tellEnd(end);
      this.ends.shift();
    }
  }

  /** @returns the seal of the last block in the file */
  private async publish(segment: Segment): Promise<Seal | undefined> {
    const { blocks, tail, rowsBefore, validBytes } = await this.store.read(segment.path);
    let last = blocks.at(-1)?.seal;
    this.sender.keep(segment);
    for (const block of blocks) this.sender.send(segment, block);
    if (tail.rows > 0) {
      // nobody has seen these rows: the process ended before it closed their block
      const seal = {
        sequence: last ? last.sequence + 1 : segment.firstSequence,
        rows: tail.rows,
        dropped: last?.dropped ?? 0,
        runtime: last?.runtime ?? '',
        rowsBefore: last ? rowsUpTo(last) : rowsBefore,
      };
      this.store.appendTo(segment, validBytes, encodeSeal(seal));
      this.sender.send(segment, { seal, chunks: tail.chunks });
      last = seal;
    }
    this.sender.close(segment);
    return last;
  }
}

function endOf({ producer, gatewayId }: LeftOver, last: Seal | undefined): FoundEnd {
  return { producer, gatewayId, lastSequence: last?.sequence ?? 0, rows: last && rowsUpTo(last), dropped: last?.dropped ?? 0 };
}

function rowsUpTo({ rowsBefore, rows }: Seal): number | undefined {
  return rowsBefore === undefined ? undefined : rowsBefore + rows;
}

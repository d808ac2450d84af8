import { captureDropped } from '@bascule/contracts';
import { Clock, CONFIG, Logger } from '@bascule/platform';
import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { Config } from '../config.js';
import { RetainedPublisher } from '../publishing/retained-publisher.service.js';
import { BlockSender } from './block-sender.service.js';
import { CaptureService } from './capture.service.js';
import { type LeftOver, SpillStore } from './spill.store.js';
import { SpillReplay } from './spill-replay.service.js';

const tickMs = 1_000;
const tallyEvery = 5;

/** Every second: rolls and removes write-ahead files, reports drops, takes on what ended processes left behind. */
@Injectable()
export class CaptureJob implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly adopted = new Map<string, LeftOver>();
  private timer: NodeJS.Timeout | undefined;
  private reportedDrops = 0;
  private ticks = 0;
  private isRunning = false;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly capture: CaptureService,
    private readonly sender: BlockSender,
    private readonly store: SpillStore,
    private readonly replay: SpillReplay,
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
      for (const leftOver of this.store.adoptLeftOvers(this.capture.producer)) {
        this.adopted.set(leftOver.folder, leftOver);
        this.replay.take(leftOver);
      }
      this.forget();
      await this.replay.tell();
    } catch (error) {
      this.log.error({ err: error }, 'write-ahead files could not be looked after');
    } finally {
      this.isRunning = false;
    }
  }

  /** A folder goes when all of its files have gone; with one that could not be read it stays. */
  private forget(): void {
    for (const [folder, { producer }] of this.adopted) {
      if (this.replay.isWaiting(folder) || this.sender.keeps(producer)) continue;
      if (!this.replay.isLeft(folder)) this.store.removeProducer(folder);
      this.adopted.delete(folder);
      this.replay.forget(folder);
    }
  }

  private reportDrops(): void {
    const { dropped } = this.capture;
    if (dropped === this.reportedDrops) return;
    this.reportedDrops = dropped;
    const reason = `more than ${this.config.SPILL_MAX_BYTES} bytes wait for the stream`;
    this.events.announce({ definition: captureDropped, data: { gatewayId: this.config.INSTANCE_ID, droppedCount: dropped, reason } });
  }
}

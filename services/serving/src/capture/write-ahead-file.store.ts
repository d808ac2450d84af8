import type { Segment, SpillStore } from './spill.store.js';
import { encodeStart } from './write-ahead.js';

const maxSegmentBytes = 4_000_000;
const maxSegmentAgeMs = 15_000;

interface Current {
  readonly segment: Segment;
  readonly descriptor: number;
  readonly openedAt: number;
  hasSyncedName: boolean;
  /** The sync that runs, and the one that waits for it to end. */
  running: Promise<void> | undefined;
  waiting: Promise<void> | undefined;
}

/** The file a producer writes to now; a new one begins when it is full or old. */
export class WriteAheadFile {
  private current: Current | undefined;

  constructor(
    private readonly store: SpillStore,
    private readonly producer: string,
  ) {}

  get segment(): Segment | undefined {
    return this.current?.segment;
  }

  /**
   * Appends records, all or none.
   * @param block being written: names and begins a new file
   * @returns the segment when this call opened one
   * @throws when they could not be written
   */
  append(bytes: Uint8Array, block: { readonly sequence: number; readonly rowsBefore: number }, now: number): Segment | undefined {
    const opened = this.current === undefined;
    this.current ??= {
      ...this.store.open(this.producer, block.sequence),
      openedAt: now,
      hasSyncedName: false,
      running: undefined,
      waiting: undefined,
    };
    const { segment, descriptor } = this.current;
    const record = opened ? Buffer.concat([encodeStart({ rowsBefore: block.rowsBefore }), bytes]) : bytes;
    try {
      this.store.append(descriptor, record);
    } catch (error) {
      if (opened) this.discard();
      else this.store.cutBack(descriptor, segment.sizeBytes);
      throw error;
    }
    segment.sizeBytes += record.length;
    return opened ? segment : undefined;
  }

  /**
   * Resolves when everything appended so far is on the disk. One sync serves all that ask while another one runs: that
   * one may have begun before their rows were written.
   */
  sync(): Promise<void> {
    const { current } = this;
    if (!current) return Promise.resolve();
    current.waiting ??= this.startSync(current);
    return current.waiting;
  }

  private async startSync(current: Current): Promise<void> {
    // at least one turn: what is answered in this turn shares it
    await (current.running ?? Promise.resolve()).catch(() => undefined);
    current.running = current.waiting;
    current.waiting = undefined;
    await this.store.sync(current.descriptor);
    if (current.hasSyncedName) return;
    await this.store.syncNames(this.producer);
    current.hasSyncedName = true;
  }

  /** Closes the file when it is due; call it between blocks only, so that a block lies in one file. */
  endIfDue(now: number): Segment | undefined {
    if (!this.current) return undefined;
    const { segment, openedAt } = this.current;
    if (segment.sizeBytes < maxSegmentBytes && now - openedAt < maxSegmentAgeMs) return undefined;
    return this.end();
  }

  /** Closes the file, if one is open. */
  end(): Segment | undefined {
    const segment = this.current?.segment;
    this.close();
    return segment;
  }

  /** Closes the file once nothing is being synced any more. */
  close(): void {
    const { current } = this;
    this.current = undefined;
    if (!current) return;
    const closeNow = () => this.store.close(current.descriptor);
    const pending = current.waiting ?? current.running;
    if (pending) void pending.then(closeNow, closeNow);
    else closeNow();
  }

  private discard(): void {
    const path = this.current?.segment.path;
    this.close();
    if (path !== undefined) this.store.remove(path);
  }
}

import type { Segment, SpillStore } from './spill.store.js';

const maxSegmentBytes = 4_000_000;
const maxSegmentAgeMs = 15_000;

/** The file a producer writes to now; a new one begins when it is full or old. */
export class WriteAheadFile {
  private current: { segment: Segment; descriptor: number; openedAt: number } | undefined;

  constructor(
    private readonly store: SpillStore,
    private readonly producer: string,
  ) {}

  get segment(): Segment | undefined {
    return this.current?.segment;
  }

  /**
   * Appends records, all or none.
   * @param sequence of the block being written: names a new file
   * @returns the segment when this call opened one
   * @throws when they could not be written
   */
  append(bytes: Uint8Array, sequence: number, now: number): Segment | undefined {
    const opened = this.current === undefined;
    this.current ??= { ...this.store.open(this.producer, sequence), openedAt: now };
    const { segment, descriptor } = this.current;
    try {
      this.store.append(descriptor, bytes);
    } catch (error) {
      if (opened) this.discard();
      else this.store.cutBack(descriptor, segment.sizeBytes);
      throw error;
    }
    segment.sizeBytes += bytes.length;
    return opened ? segment : undefined;
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

  close(): void {
    if (this.current) this.store.close(this.current.descriptor);
    this.current = undefined;
  }

  private discard(): void {
    const path = this.current?.segment.path;
    this.close();
    if (path !== undefined) this.store.remove(path);
  }
}

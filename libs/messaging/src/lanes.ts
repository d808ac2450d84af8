/** Where a message stands among those that wait with it. */
export interface Place {
  /** Messages of one lane follow one another. */
  readonly lane: string;
  /** Takes long: few of these at once, so that hands are left for the others. */
  readonly isLarge: boolean;
}

export interface LaneLimits {
  readonly atOnce: number;
  readonly largeAtOnce: number;
}

/** The first that may start, in the order of arrival: its lane is free, none of its lane waits before it, and there is a hand for its size. */
export function nextToStart<Item extends Place>(
  waiting: readonly Item[],
  running: readonly Place[],
  { atOnce, largeAtOnce }: LaneLimits,
): Item | undefined {
  if (running.length >= atOnce) return undefined;
  const taken = new Set(running.map(({ lane }) => lane));
  const mayBeLarge = running.filter(({ isLarge }) => isLarge).length < largeAtOnce;
  for (const item of waiting) {
    if (taken.has(item.lane)) continue;
    if (!item.isLarge || mayBeLarge) return item;
    taken.add(item.lane);
  }
  return undefined;
}

interface Waiting<Item> extends Place {
  readonly item: Item;
  readonly done: () => void;
}

export interface LaneWork<Item> {
  readonly placeOf: (item: Item) => Place;
  /** Never throws. */
  readonly work: (item: Item) => Promise<void>;
  /** Tells the server that an item is still wanted. */
  readonly keep: (item: Item) => void;
  /** Gives back an item that never started. */
  readonly giveBack: (item: Item) => void;
  readonly keepEveryMs: number;
}

/** Works on what arrives in lanes: one at a time in each, several lanes side by side. */
export class Lanes<Item> {
  private waiting: Waiting<Item>[] = [];
  private readonly running: Waiting<Item>[] = [];
  private timer: NodeJS.Timeout | undefined;
  private isStopped = false;

  constructor(
    private readonly limits: LaneLimits,
    private readonly parts: LaneWork<Item>,
  ) {}

  /** Resolves when the item was worked on, or given back. */
  add(item: Item): Promise<void> {
    return new Promise((done) => {
      this.waiting.push({ ...this.parts.placeOf(item), item, done });
      this.start();
    });
  }

  /** Gives back what waits; what runs comes to its end. */
  stop(): void {
    this.isStopped = true;
    clearInterval(this.timer);
    for (const { item, done } of this.waiting.splice(0)) {
      this.parts.giveBack(item);
      done();
    }
  }

  private start(): void {
    if (this.isStopped) {
      this.stop();
      return;
    }
    for (let next = this.next(); next; next = this.next()) void this.run(next);
    if (this.waiting.length === 0) {
      clearInterval(this.timer);
      this.timer = undefined;
    } else {
      this.timer ??= setInterval(() => {
        for (const { item } of this.waiting) this.parts.keep(item);
      }, this.parts.keepEveryMs);
    }
  }

  private next(): Waiting<Item> | undefined {
    return nextToStart(this.waiting, this.running, this.limits);
  }

  private async run(next: Waiting<Item>): Promise<void> {
    this.waiting = this.waiting.filter((each) => each !== next);
    this.running.push(next);
    await this.parts.work(next.item);
    this.running.splice(this.running.indexOf(next), 1);
    next.done();
    this.start();
  }
}

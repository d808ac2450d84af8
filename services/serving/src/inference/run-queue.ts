/** Who waits for the answer: a client, nobody (a shadow copy), or a batch job that can wait. */
export type Priority = 'live' | 'shadow' | 'batch';

/** What the queue needs to know of a request. */
export interface Queued {
  readonly rows: number;
  readonly bytes: number;
  /** Requests of one form may share a run; empty: it must run alone. */
  readonly form: string;
  readonly priority: Priority;
  /** On the clock of `performance.now()`. */
  readonly deadlineAt: number | undefined;
}

export interface QueueLimits {
  /** More rows than this are not put together; one larger request still runs alone. */
  readonly maxRows: number;
  /** Nor more bytes of inputs. */
  readonly maxBatchBytes: number;
  readonly maxWaitingRows: number;
  readonly maxWaitingBytes: number;
}

const order: readonly Priority[] = ['live', 'shadow', 'batch'];
/** Turns a lane may be passed over while it waits: its share of the runs, so that it never starves. */
const patience: Readonly<Record<Priority, number>> = { live: 0, shadow: 10, batch: 20 };

interface Lane<Item> {
  items: Item[];
  passedOver: number;
}

/** What waits for one model version, in a lane per priority, bounded in rows and bytes. */
export class RunQueue<Item extends Queued> {
  private readonly lanes: Readonly<Record<Priority, Lane<Item>>> = {
    live: { items: [], passedOver: 0 },
    shadow: { items: [], passedOver: 0 },
    batch: { items: [], passedOver: 0 },
  };
  private rowsOf: Record<Priority, number> = { live: 0, shadow: 0, batch: 0 };
  private bytes = 0;

  constructor(private readonly limits: QueueLimits) {}

  get isEmpty(): boolean {
    return order.every((priority) => this.lanes[priority].items.length === 0);
  }

  get waitingRows(): number {
    return this.rowsOf.live + this.rowsOf.shadow + this.rowsOf.batch;
  }

  get waitingBytes(): number {
    return this.bytes;
  }

  /** Rows that run before a newcomer of this priority; what is allowed to lower ones is left out. */
  rowsAhead(priority: Priority): number {
    return order.slice(0, order.indexOf(priority) + 1).reduce((sum, lane) => sum + this.rowsOf[lane], 0);
  }

  /** @returns false when it is full; a live request is only turned away for what others of its kind fill, lower ones leave it a half */
  add(item: Item): boolean {
    const share = item.priority === 'live' ? 1 : 0.5;
    const isOver =
      this.waitingRows + item.rows > this.limits.maxWaitingRows * share || this.bytes + item.bytes > this.limits.maxWaitingBytes * share;
    if (isOver && !this.isEmpty) return false;
    this.lanes[item.priority].items.push(item);
    this.rowsOf[item.priority] += item.rows;
    this.bytes += item.bytes;
    return true;
  }

  /** The requests of the next run; with `onlyLive` the lower priorities stay where they are. Empty when nothing may run. */
  take(onlyLive: boolean): Item[] {
    const priority = this.next(onlyLive);
    if (!priority) return [];
    const lane = this.lanes[priority];
    lane.passedOver = 0;
    const batch: Item[] = [];
    let rows = 0;
    let bytes = 0;
    // those that do not fit keep their place; looking further than this costs more than it gains
    const reach = Math.min(lane.items.length, this.limits.maxRows * 2);
    const rest: Item[] = [];
    const first = lane.items[0] as Item;
    let seen = 0;
    for (; seen < reach && rows < this.limits.maxRows; seen++) {
      const item = lane.items[seen] as Item;
      const fits =
        seen === 0 ||
        (item.form !== '' &&
          item.form === first.form &&
          rows + item.rows <= this.limits.maxRows &&
          bytes + item.bytes <= this.limits.maxBatchBytes);
      if (fits) {
        rows += item.rows;
        bytes += item.bytes;
      }
      (fits ? batch : rest).push(item);
    }
    lane.items.splice(0, seen, ...rest);
    this.rowsOf[priority] -= rows;
    this.bytes -= bytes;
    return batch;
  }

  /** Takes out what is past its deadline. */
  expire(now: number): Item[] {
    return this.remove((item) => item.deadlineAt !== undefined && item.deadlineAt <= now);
  }

  /** The earliest deadline of what waits. */
  nextDeadline(): number | undefined {
    let earliest: number | undefined;
    for (const priority of order) {
      for (const { deadlineAt } of this.lanes[priority].items) {
        if (deadlineAt !== undefined && (earliest === undefined || deadlineAt < earliest)) earliest = deadlineAt;
      }
    }
    return earliest;
  }

  private remove(matches: (item: Item) => boolean): Item[] {
    const removed: Item[] = [];
    for (const priority of order) {
      const lane = this.lanes[priority];
      if (!lane.items.some(matches)) continue;
      const kept: Item[] = [];
      for (const item of lane.items) (matches(item) ? removed : kept).push(item);
      lane.items = kept;
    }
    for (const item of removed) {
      this.rowsOf[item.priority] -= item.rows;
      this.bytes -= item.bytes;
    }
    return removed;
  }

  private next(onlyLive: boolean): Priority | undefined {
    const waiting = order.filter((priority) => (priority === 'live' || !onlyLive) && this.lanes[priority].items.length > 0);
    const overdue = waiting.find((priority) => priority !== 'live' && this.lanes[priority].passedOver >= patience[priority]);
    const chosen = overdue ?? waiting[0];
    for (const priority of waiting) if (priority !== chosen) this.lanes[priority].passedOver++;
    return chosen;
  }
}

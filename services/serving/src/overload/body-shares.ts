/** How many bodies may be on their way at once, and how large they may be together. */
export interface BodyLimits {
  readonly maxRequests: number;
  readonly maxBytes: number;
}

/** What one sender has on its way. */
export interface BodyShare {
  readonly sender: string;
  requests: number;
  bytes: number;
}

/**
 * Bodies on their way, by who sends them. Nobody may have more of them than is left free for others: a sender alone gets half of
 * the room, two that want all of it a third and a third, and however many there are, the next one finds some.
 */
export class BodyShares {
  private readonly shares = new Map<string, BodyShare>();
  private count = 0;
  private size = 0;

  constructor(private readonly limits: BodyLimits) {}

  get requests(): number {
    return this.count;
  }

  /** @returns undefined when the sender has its share already; a first body of any size enters. Else end it with `leave`. */
  enter(sender: string, bytes: number): BodyShare | undefined {
    let share = this.shares.get(sender);
    if (share === undefined) {
      share = { sender, requests: 0, bytes: 0 };
      if (!this.hasRoom(share, bytes)) return undefined;
      this.shares.set(sender, share);
    } else if (!this.hasRoom(share, bytes)) return undefined;
    share.requests++;
    share.bytes += bytes;
    this.count++;
    this.size += bytes;
    return share;
  }

  leave(share: BodyShare, bytes: number): void {
    share.requests--;
    share.bytes -= bytes;
    this.count--;
    this.size -= bytes;
    if (share.requests === 0) this.shares.delete(share.sender);
  }

  private hasRoom({ requests, bytes: own }: BodyShare, bytes: number): boolean {
    const { maxRequests, maxBytes } = this.limits;
    if (this.count >= maxRequests) return false;
    return requests === 0 || (requests < maxRequests - this.count && own + bytes <= maxBytes - this.size);
  }
}

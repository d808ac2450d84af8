import type { FailureReach, Sendable } from './send-in-order.js';

const firstBlockMs = 500;
const longestBlockMs = 15_000;

interface Block {
  until: number;
  lengthMs: number;
}

/** Streams and entities that refused an event, each left alone for a while that grows with every refusal. */
export class BlockedTargets {
  private readonly blocks = new Map<string, Block>();

  constructor(private readonly now: () => number = Date.now) {}

  block(row: Sendable, reach: FailureReach): void {
    if (reach === 'connection') return;
    const key = `${reach}:${row[reach]}`;
    const known = this.blocks.get(key);
    // several rows of one batch fail together: that is one refusal
    if (known && known.until > this.now()) return;
    const lengthMs = known ? Math.min(longestBlockMs, known.lengthMs * 2) : firstBlockMs;
    this.blocks.set(key, { lengthMs, until: this.now() + lengthMs });
  }

  /** An event of this stream and entity got through. */
  release(row: Sendable): void {
    this.blocks.delete(`entity:${row.entity}`);
    const stream = this.blocks.get(`stream:${row.stream}`);
    if (stream && stream.until <= this.now()) this.blocks.delete(`stream:${row.stream}`);
  }

  /** Streams that refused and took nothing since, whether left alone now or about to be tried. */
  refusing(): string[] {
    return [...this.blocks.keys()].filter((key) => key.startsWith('stream:')).map((key) => key.slice('stream:'.length));
  }

  streams(): string[] {
    return this.active('stream:');
  }

  entities(): string[] {
    return this.active('entity:');
  }

  private active(prefix: string): string[] {
    return [...this.blocks]
      .filter(([key, { until }]) => key.startsWith(prefix) && until > this.now())
      .map(([key]) => key.slice(prefix.length));
  }
}

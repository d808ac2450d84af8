import type { Places } from './coming-bodies.js';

export interface InFlightLimits {
  readonly maxRequests: number;
  readonly maxBytes: number;
}

/** What is being answered at the moment: requests and the bytes of their bodies, both bounded. */
export class InFlight implements Places {
  private count = 0;
  private size = 0;

  constructor(private readonly limits: InFlightLimits) {}

  get requests(): number {
    return this.count;
  }

  get bytes(): number {
    return this.size;
  }

  /** @returns false when there is no room; a body of any size still enters when nothing else is there. Else end it with `leave`. */
  enter(bytes: number): boolean {
    if (!this.hasRoom(bytes)) return false;
    this.add(bytes);
    return true;
  }

  hasRoom(bytes: number): boolean {
    return this.count < this.limits.maxRequests && (this.size + bytes <= this.limits.maxBytes || this.size === 0);
  }

  /** Counts a request that is in already. */
  add(bytes: number): void {
    this.count++;
    this.size += bytes;
  }

  leave(bytes: number): void {
    this.count--;
    this.size -= bytes;
  }

  /** One whose body takes its time gives its place to others until it is there; its bytes stay set aside. */
  setAside(): void {
    this.count--;
  }

  takeBack(): void {
    this.count++;
  }
}

/** What a body of unknown length is taken for until it is there. */
const unknownBytes = 1_000_000;
/** JSON packs well: what a packed body may become. */
const unpackedTimes = 8;

/** Bytes to set aside for a body before it is read, from what its headers say; never more than the largest body taken. */
export function announcedBytes(
  headers: { readonly 'content-length'?: string | undefined; readonly 'content-encoding'?: string | undefined },
  maxBodyBytes: number,
): number {
  const length = Number(headers['content-length'] ?? unknownBytes);
  const isPacked = headers['content-encoding'] !== undefined && headers['content-encoding'] !== 'identity';
  return Math.min(maxBodyBytes, Number.isFinite(length) ? length * (isPacked ? unpackedTimes : 1) : unknownBytes);
}

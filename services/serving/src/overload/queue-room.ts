/** A queue in front of a model version. */
export interface Queue {
  /** How long a request that comes now would wait. */
  waitMs(): number;
  /** The longest that lately anybody was ready to wait. */
  readonly patienceMs: number;
}

/** What may come between this look and the place in the queue is left free. */
const usableShare = 0.8;
/** Who cannot wait even this long is found out when the request is read: to look into each body for that costs more. */
const littleMs = 5;

/**
 * Could a process that is `delayMs` late still have a request answered in the time that requests usually have, and in that which
 * this one has? The latter is asked for only when it matters.
 */
export function hasRoom(queue: Queue, delayMs: number, ownPatienceMs?: () => number): boolean {
  const waitMs = queue.waitMs();
  // with nobody ahead it is tried whatever was learnt
  if (waitMs === 0) return true;
  const lateMs = waitMs + delayMs;
  if (lateMs > queue.patienceMs * usableShare) return false;
  return ownPatienceMs === undefined || lateMs <= littleMs || lateMs <= ownPatienceMs() * usableShare;
}

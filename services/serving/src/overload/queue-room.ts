/** A queue in front of a model version. */
export interface Queue {
  /** How long a request that comes now would wait. */
  waitMs(): number;
  /** The longest that lately anybody was ready to wait. */
  readonly patienceMs: number;
}

/** What may come between this look and the place in the queue is left free. */
const usableShare = 0.8;

/**
 * Could a process that is `delayMs` late still have a request answered in the time that requests usually have, and in that which
 * this one has? The latter is asked for only when it matters.
 */
export function hasRoom(queue: Queue, delayMs: number, ownPatienceMs?: () => number): boolean {
  const waitMs = queue.waitMs();
  // with nobody ahead it is tried whatever was learnt
  if (waitMs === 0) return true;
  const isInTime = (patienceMs: number) => waitMs + delayMs <= patienceMs * usableShare;
  return isInTime(queue.patienceMs) && (ownPatienceMs === undefined || isInTime(ownPatienceMs()));
}

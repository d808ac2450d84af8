/** A queue in front of a model version. */
export interface Queue {
  /** How long a request that comes now would wait. */
  waitMs(): number;
  /** The longest that lately anybody was ready to wait. */
  readonly patienceMs: number;
}

/** What may come between this look and the place in the queue is left free. */
const usableShare = 0.8;

/** Could a process that is `delayMs` late still have it answered in the time that requests usually have? */
export function hasRoom(queue: Queue, delayMs: number): boolean {
  const waitMs = queue.waitMs();
  // with nobody ahead it is tried whatever was learnt
  return waitMs === 0 || waitMs + delayMs <= queue.patienceMs * usableShare;
}

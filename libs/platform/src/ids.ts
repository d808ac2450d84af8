import { randomFillSync } from 'node:crypto';
import { v7 } from 'uuid';

// random bytes for many ids at once: asking the system for sixteen costs several times what the id itself does
const pool = new Uint8Array(16 * 256);
const randoms = Array.from({ length: 256 }, (_, index) => pool.subarray(16 * index, 16 * (index + 1)));
let used = randoms.length;
let lastMs = 0;
let sequence = 0;

/** A new UUIDv7: ids sort by the time they were made, also those of one process within a millisecond. */
export function newId(): string {
  if (used === randoms.length) {
    randomFillSync(pool);
    used = 0;
  }
  const random = randoms[used++]!;
  const now = Date.now();
  if (now > lastMs) {
    lastMs = now;
    // the highest bit stays free, so that counting up never overflows within the millisecond
    sequence = ((random[6]! & 0x7f) << 24) | (random[7]! << 16) | (random[8]! << 8) | random[9]!;
  } else sequence = (sequence + 1) | 0;
  return v7({ random, msecs: lastMs, seq: sequence });
}

/** The id a request goes by: what the client sent as `X-Request-Id` where that can stand in a URN, else a new one. */
export function requestIdOf(sent: unknown): string {
  return typeof sent === 'string' && /^[\w.:/+=@~-]{1,128}$/.test(sent) ? sent : newId();
}

import { randomFillSync } from 'node:crypto';

// random bytes for many ids at once: asking the system for a few costs several times what the id itself does
const bytesPerId = 10;
const pool = new Uint8Array(bytesPerId * 256);
let used = pool.length;
let lastMs = 0;
let sequence = 0;
/** The last id: what most ids share with it stays. */
const text = Buffer.from('00000000-0000-7000-8000-000000000000', 'latin1');
const digits = Buffer.from('0123456789abcdef', 'latin1');

/** A new UUIDv7: ids sort by the time they were made, also those of one process within a millisecond. */
export function newId(): string {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const at = used;
  used += bytesPerId;
  const now = Date.now();
  if (now > lastMs) {
    lastMs = now;
    // the highest bit stays free, so that counting up never overflows within the millisecond
    sequence = ((pool[at]! & 0x7f) << 24) | (pool[at + 1]! << 16) | (pool[at + 2]! << 8) | pool[at + 3]!;
    const time = now.toString(16).padStart(12, '0');
    text.write(`${time.slice(0, 8)}-${time.slice(8)}`, 0, 'latin1');
  } else sequence = (sequence + 1) | 0;
  // as RFC 9562 has it: time, version, a counter of 32 bits around the variant, and the rest by chance
  text[15] = digits[(sequence >>> 28) & 15]!;
  put(16, sequence >>> 20);
  put(19, 0x80 | ((sequence >>> 14) & 0x3f));
  put(21, sequence >>> 6);
  put(24, ((sequence << 2) & 0xfc) | (pool[at + 4]! & 3));
  for (let byte = 1; byte <= 5; byte++) put(24 + 2 * byte, pool[at + 4 + byte]!);
  return text.toString('latin1');
}

/** Two hexadecimal digits of the lowest eight bits. */
function put(position: number, bits: number): void {
  text[position] = digits[(bits >>> 4) & 15]!;
  text[position + 1] = digits[bits & 15]!;
}

/** The id a request goes by: what the client sent as `X-Request-Id` where that can stand in a URN, else a new one. */
export function requestIdOf(sent: unknown): string {
  return typeof sent === 'string' && /^[\w.:/+=@~-]{1,128}$/.test(sent) ? sent : newId();
}

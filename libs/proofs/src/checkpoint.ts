import { hashSizeBytes } from './merkle-hash.js';

/** Head of a log at one size. */
export interface Checkpoint {
  readonly origin: string;
  readonly size: number;
  readonly root: Buffer;
}

/** The text to sign: origin, size, root in base64, one line each (C2SP tlog-checkpoint). */
export function formatCheckpoint({ origin, size, root }: Checkpoint): string {
  if (origin === '' || /[\n+]/.test(origin)) throw new Error('an origin is one line without plus signs');
  if (!Number.isSafeInteger(size) || size < 0) throw new RangeError('a size is an integer between 0 and 2^53 - 1');
  return `${origin}\n${size}\n${root.toString('base64')}\n`;
}

/** Reads the text of a checkpoint; undefined when it is none. Further lines are extensions and passed over. */
export function parseCheckpoint(text: string): Checkpoint | undefined {
  const [origin, size, root] = text.split('\n');
  if (!origin || !size || !root || !/^(0|[1-9]\d*)$/.test(size) || !Number.isSafeInteger(Number(size))) return undefined;
  const hash = Buffer.from(root, 'base64');
  return hash.length === hashSizeBytes && hash.toString('base64') === root ? { origin, size: Number(size), root: hash } : undefined;
}

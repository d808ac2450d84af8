import { linkSync, readFileSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { isSameProcess, startOf } from './process-identity.js';

const holder = z.object({ pid: z.int(), start: z.string(), since: z.string() });
export type LockHolder = z.infer<typeof holder>;

/** Who holds the lock; undefined when nobody does, or the holder has died. */
export function lockHolder(path: string): LockHolder | undefined {
  try {
    const found = holder.parse(JSON.parse(readFileSync(path, 'utf8')));
    return isSameProcess(found.pid, found.start) ? found : undefined;
  } catch {
    return undefined;
  }
}

export interface Lock {
  release(): void;
}

/** Takes the lock, also from a holder that died. Answers the holder when it is alive. */
export function takeLock(path: string): Lock | LockHolder {
  const mine: LockHolder = { pid: process.pid, start: startOf(process.pid) ?? '', since: new Date().toISOString() };
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(mine), { mode: 0o600 });
  try {
    for (;;) {
      try {
        linkSync(draft, path); // atomic: fails when somebody has it
        return { release: () => lockHolder(path)?.pid === process.pid && unlinkSync(path) };
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
      const other = lockHolder(path);
      if (other) return other;
      try {
        renameSync(path, `${draft}.stale`); // of two that find the lock stale, one moves it away
        unlinkSync(`${draft}.stale`);
      } catch {
        // the other one was faster
      }
    }
  } finally {
    unlinkSync(draft);
  }
}

/** Tells a lock from the holder that was in the way. */
export function isLock(outcome: Lock | LockHolder): outcome is Lock {
  return 'release' in outcome;
}

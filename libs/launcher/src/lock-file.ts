import { linkSync, readFileSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { isSameProcess, startOf } from './process-identity.js';
import { startedBy } from './watch-parent.js';

const processName = z.object({ pid: z.int(), start: z.string() });
const holder = processName.extend({
  since: z.string(),
  /** The programs that started the holder: it stops when one of them is gone. */
  startedBy: z.array(processName).default([]),
  stopping: z.boolean().default(false),
});
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

/** Whether the holder is about to let go. */
export function isLettingGo(found: LockHolder): boolean {
  return found.stopping || found.startedBy.some(({ pid, start }) => !isSameProcess(pid, start));
}

export interface Lock {
  /** Tells others that it will soon be free. */
  announceRelease(): void;
  release(): void;
}

function write(path: string, mine: LockHolder): void {
  writeFileSync(path, JSON.stringify(mine), { mode: 0o600 });
}

/** Takes the lock, also from a holder that died. Answers the holder when it is alive. */
export function takeLock(path: string): Lock | LockHolder {
  const start = startOf(process.pid) ?? '';
  const mine: LockHolder = { pid: process.pid, start, since: new Date().toISOString(), startedBy: startedBy(), stopping: false };
  const draft = `${path}.${process.pid}`;
  write(draft, mine);
  try {
    for (;;) {
      try {
        linkSync(draft, path); // atomic: fails when somebody has it
        return lockOf(path, mine);
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

function lockOf(path: string, mine: LockHolder): Lock {
  const isMine = () => lockHolder(path)?.pid === process.pid;
  return {
    announceRelease: () => {
      if (!isMine()) return;
      write(`${path}.${process.pid}`, { ...mine, stopping: true });
      renameSync(`${path}.${process.pid}`, path);
    },
    release: () => {
      if (isMine()) unlinkSync(path);
    },
  };
}

/** Takes the lock, waiting for a holder that is about to let go. Answers the holder when it is not, or takes too long. */
export async function waitForLock(path: string, timeoutMs: number, onWait: () => void): Promise<Lock | LockHolder> {
  const deadline = Date.now() + timeoutMs;
  for (let told = false; ; told = true) {
    const outcome = takeLock(path);
    if (isLock(outcome) || !isLettingGo(outcome) || Date.now() > deadline) return outcome;
    if (!told) onWait();
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Tells a lock from the holder that was in the way. */
export function isLock(outcome: Lock | LockHolder): outcome is Lock {
  return 'release' in outcome;
}

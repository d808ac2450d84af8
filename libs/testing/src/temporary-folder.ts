import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Reaper } from '@bascule/launcher';

let started: { root: string; reaper: Reaper } | undefined;

/** Ends what this process started and removes its folders when it is gone; test workers may be killed without warning. */
export function testReaper(): { root: string; reaper: Reaper } {
  if (!started) {
    const root = mkdtempSync(join(tmpdir(), 'bascule-test-'));
    chmodSync(root, 0o755); // PostgreSQL under root has a user of its own, who passes through
    started = { root, reaper: new Reaper(join(root, 'pids'), [root]) };
    started.reaper.start();
  }
  return started;
}

/** A folder of its own that vanishes with the process. */
export function temporaryFolder(name: string): string {
  const folder = mkdtempSync(join(testReaper().root, `${name}-`));
  chmodSync(folder, 0o755);
  return folder;
}

/** Removes such a folder early. */
export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}
